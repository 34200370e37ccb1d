import CAcuityPlugin
import Testing

@testable import Stages

/// Tables that no plug-in should have.
@Suite struct PlugInTableTests {
  /// A C string that is never freed: a test's table is small.
  private static func text(_ text: String) -> UnsafePointer<CChar> {
    let bytes = Array(text.utf8CString)
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    memory.initialize(from: bytes, count: bytes.count)
    return UnsafePointer(memory)
  }

  private static func table(_ rows: [acuity_option]) -> PlugInTable {
    let memory = UnsafeMutablePointer<acuity_option>.allocate(capacity: max(1, rows.count))
    memory.initialize(from: rows, count: rows.count)
    var table = acuity_plugin()
    table.name = text("stage")
    table.option_count = UInt32(rows.count)
    table.options = UnsafePointer(memory)
    return PlugInTable(path: "x.so", table: table)
  }

  private static func row(_ name: String?, kind: Int = ACUITY_OPTION_TEXT) -> acuity_option {
    var row = acuity_option()
    row.name = name.map { text($0) }
    row.kind = Int32(kind)
    return row
  }

  @Test func `a sound table becomes the stage's options`() throws {
    var number = Self.row("amount", kind: ACUITY_OPTION_NUMBER)
    (number.minimum, number.maximum, number.default_value) = (-1, 2, Self.text("0.5"))
    var file = Self.row("file", kind: ACUITY_OPTION_FILE)
    (file.is_required, file.help) = (1, Self.text("one\nline"))
    let options = try Self.table([number, file, Self.row("size", kind: ACUITY_OPTION_SIZE)]).options()
    #expect(
      options == [
        StageOption("amount", .number(-1...2), default: "0.5", help: ""),
        StageOption("file", .file, isRequired: true, help: "one\\nline"),
        StageOption("size", .size, help: ""),
      ])
  }

  @Test(arguments: [
    nil, "", "Upper", "with space", "umläut", "1st", String(repeating: "a", count: 65), "a\u{1b}",
  ])
  func `names that aren't names`(name: String?) {
    #expect(throws: StageError.self) { try Self.table([Self.row(name)]).options() }
    var table = acuity_plugin()
    table.name = name.map { Self.text($0) }
    #expect(throws: StageError.self) { try PlugInTable(path: "x.so", table: table).name() }
  }

  @Test func `counts that don't fit the rows`() {
    #expect(throws: StageError.self) {
      try Self.table((0..<65).map { Self.row("option-\($0)") }).options()
    }
    var table = acuity_plugin()
    table.option_count = 3
    #expect(throws: StageError.self) { try PlugInTable(path: "x.so", table: table).options() }
    #expect(throws: StageError.self) { try Self.table([Self.row("a"), Self.row("a")]).options() }
  }

  @Test(arguments: [
    (Double.nan, 1.0), (0, .nan), (0, .infinity), (-.infinity, 0), (1, 0),
  ])
  func `ranges that hold nothing`(low: Double, high: Double) {
    for kind in [ACUITY_OPTION_NUMBER, ACUITY_OPTION_INTEGER] {
      var row = Self.row("a", kind: kind)
      (row.minimum, row.maximum) = (low, high)
      #expect(throws: StageError.self) { try Self.table([row]).options() }
    }
  }

  @Test(arguments: [(0.5, 2.0), (0, 1e17), (-1e300, 0)])
  func `whole-number ranges that aren't whole numbers`(low: Double, high: Double) {
    var row = Self.row("a", kind: ACUITY_OPTION_INTEGER)
    (row.minimum, row.maximum) = (low, high)
    #expect(throws: StageError.self) { try Self.table([row]).options() }
  }

  @Test func `defaults, kinds, choices and texts that can't be`() {
    var rows: [acuity_option] = []
    var number = Self.row("a", kind: ACUITY_OPTION_NUMBER)
    (number.maximum, number.default_value) = (1, Self.text("2"))
    rows.append(number)
    var required = Self.row("a")
    (required.is_required, required.default_value) = (1, Self.text("x"))
    rows.append(required)
    rows += [0, 7, -1, .max].map { Self.row("a", kind: Int(Int32(truncatingIfNeeded: $0))) }
    rows.append(Self.row("a", kind: ACUITY_OPTION_CHOICE))
    for words in [[], ["", "b"], ["b", "b"], [String(repeating: "c", count: 257)]] {
      var choice = Self.row("a", kind: ACUITY_OPTION_CHOICE)
      let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: words.count + 1)
      list.initialize(from: words.map { Self.text($0) } + [nil], count: words.count + 1)
      choice.choices = UnsafePointer(list)
      rows.append(choice)
    }
    var long = Self.row("a")
    long.help = Self.text(String(repeating: "h", count: 5000))
    rows.append(long)
    var invalid = Self.row("a")
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: 2)
    bytes.initialize(from: [-1, 0], count: 2)
    invalid.help = UnsafePointer(bytes)
    rows.append(invalid)
    for row in rows {
      #expect(throws: StageError.self) { try Self.table([row]).options() }
    }
  }
}
