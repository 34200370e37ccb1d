import CAcuityPlugin
import Testing

@testable import Stages

/// Tables that no plug-in should have.
@Suite final class PlugInTableTests {
  /// What the tables point to; a plug-in's is there for good, these as long as a test runs.
  private var memory: [UnsafeMutableRawPointer] = []

  deinit { for block in memory { block.deallocate() } }

  private func array<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let block = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    block.initialize(from: elements, count: elements.count)
    memory.append(block)
    return UnsafePointer(block)
  }

  private func text(_ text: String) -> UnsafePointer<CChar> { array(Array(text.utf8CString)) }

  private func table(_ rows: [acuity_option]) -> PlugInTable {
    var table = acuity_plugin()
    table.name = text("stage")
    table.option_count = UInt32(rows.count)
    table.options = array(rows)
    return PlugInTable(path: "x.so", table: table)
  }

  private func row(_ name: String?, kind: Int = ACUITY_OPTION_TEXT) -> acuity_option {
    var row = acuity_option()
    row.name = name.map { text($0) }
    row.kind = Int32(kind)
    return row
  }

  @Test func `a sound table becomes the stage's options`() throws {
    var number = row("amount", kind: ACUITY_OPTION_NUMBER)
    (number.minimum, number.maximum, number.default_value) = (-1, 2, text("0.5"))
    var file = row("file", kind: ACUITY_OPTION_FILE)
    (file.is_required, file.help) = (1, text("one\nline"))
    let options = try self.table([number, file, row("size", kind: ACUITY_OPTION_SIZE)]).options()
    #expect(
      options == [
        StageOption("amount", .number(-1...2), default: "0.5", help: ""),
        StageOption("file", .file, isRequired: true, help: "one\\nline"),
        StageOption("size", .size, help: ""),
      ])
  }

  @Test func `a file's path is handed over whatever the bytes of the folder it starts from`() throws {
    let option = StageOption("file", .file, help: "")
    let options = try StageOptions(stage: "stage", table: [option], given: [.init("file", "table")])
    var environment = StageEnvironment()
    environment.baseDirectory = [0x2f, 0xff]
    let values = PlugInValues([option], options, files: options.files(in: environment))
    let path = try values.withValues { values in
      values?.pointee.text.map { text in
        Array(sequence(first: 0) { $0 + 1 }.lazy.map { UInt8(bitPattern: text[$0]) }.prefix { $0 != 0 })
      }
    }
    #expect(path == [0x2f, 0xff] + Array("/table".utf8))
  }

  @Test(arguments: [
    nil, "", "Upper", "with space", "umläut", "1st", String(repeating: "a", count: 65), "a\u{1b}",
  ])
  func `names that aren't names`(name: String?) {
    #expect(throws: StageError.self) { try self.table([row(name)]).options() }
    var table = acuity_plugin()
    table.name = name.map { text($0) }
    #expect(throws: StageError.self) { try PlugInTable(path: "x.so", table: table).name() }
  }

  @Test func `counts that don't fit the rows`() {
    #expect(throws: StageError.self) {
      try self.table((0..<65).map { self.row("option-\($0)") }).options()
    }
    var table = acuity_plugin()
    table.option_count = 3
    #expect(throws: StageError.self) { try PlugInTable(path: "x.so", table: table).options() }
    #expect(throws: StageError.self) { try self.table([row("a"), row("a")]).options() }
  }

  @Test(arguments: [
    (Double.nan, 1.0), (0, .nan), (0, .infinity), (-.infinity, 0), (1, 0),
  ])
  func `ranges that hold nothing`(low: Double, high: Double) {
    for kind in [ACUITY_OPTION_NUMBER, ACUITY_OPTION_INTEGER] {
      var row = row("a", kind: kind)
      (row.minimum, row.maximum) = (low, high)
      #expect(throws: StageError.self) { try self.table([row]).options() }
    }
  }

  @Test(arguments: [(0.5, 2.0), (0, 1e17), (-1e300, 0)])
  func `whole-number ranges that aren't whole numbers`(low: Double, high: Double) {
    var row = row("a", kind: ACUITY_OPTION_INTEGER)
    (row.minimum, row.maximum) = (low, high)
    #expect(throws: StageError.self) { try self.table([row]).options() }
  }

  @Test func `defaults, kinds, choices and texts that can't be`() {
    var rows: [acuity_option] = []
    var number = row("a", kind: ACUITY_OPTION_NUMBER)
    (number.maximum, number.default_value) = (1, text("2"))
    rows.append(number)
    var required = row("a")
    (required.is_required, required.default_value) = (1, text("x"))
    rows.append(required)
    rows += [0, 7, -1, .max].map { row("a", kind: Int(Int32(truncatingIfNeeded: $0))) }
    rows.append(row("a", kind: ACUITY_OPTION_CHOICE))
    for words in [[], ["", "b"], ["b", "b"], [String(repeating: "c", count: 257)]] {
      var choice = row("a", kind: ACUITY_OPTION_CHOICE)
      choice.choices = array(words.map { text($0) } + [nil])
      rows.append(choice)
    }
    var long = row("a")
    long.help = text(String(repeating: "h", count: 5000))
    rows.append(long)
    var invalid = row("a")
    invalid.help = array([-1, 0])
    rows.append(invalid)
    for row in rows {
      #expect(throws: StageError.self) { try self.table([row]).options() }
    }
  }
}
