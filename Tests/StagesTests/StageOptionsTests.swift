import Pixels
import Stages
import Testing

@Suite struct StageOptionsTests {
  private static let table = [
    StageOption("count", .integer(1...10), default: "3", help: ""),
    StageOption("amount", .number(-1...2.5), help: ""),
    StageOption("mode", .choice(["fast", "best"]), help: ""),
    StageOption("box", .size, help: ""),
    StageOption("ground", .color, help: ""),
    StageOption("file", .file, help: ""),
    StageOption("note", .text, help: ""),
  ]

  private func options(_ settings: (String, String)...) throws -> StageOptions {
    try StageOptions(stage: "test", table: Self.table, given: settings.map { .init($0.0, $0.1) })
  }

  @Test func `values have the kind of their option, and defaults fill the gaps`() throws {
    let options = try options(
      ("amount", "-0.5e0"), ("mode", "best"), ("box", "3x4"), ("ground", "#ff0033"), ("file", "a b"),
      ("note", ""))
    #expect(options.integer("count") == 3)
    #expect(options.number("amount") == -0.5)
    #expect(options.text("mode") == "best")
    #expect(options.size("box") == Size(width: 3, height: 4))
    #expect(options.color("ground") == [1, 0, 0.2])
    #expect(options.text("file") == "a b")
    #expect(options.text("note") == "")
    #expect(try self.options().number("amount") == nil)
  }

  @Test(arguments: [
    ("count", "0"), ("count", "11"), ("count", "1.0"), ("count", ""), ("count", " 1"), ("count", "0x1"),
    ("count", "99999999999999999999"), ("amount", "2.51"), ("amount", "nan"), ("amount", "inf"),
    ("amount", "-inf"), ("amount", "1e400"), ("amount", "0x1p0"), ("amount", "1 "), ("amount", "1,5"),
    ("amount", ""), ("mode", "Fast"), ("mode", ""), ("box", "3"), ("box", "3x"), ("box", "0x4"),
    ("box", "3x4x5"),
    ("box", "1000001x1"), ("box", "-3x4"), ("ground", ""), ("ground", "grey"), ("ground", "fff"),
    ("ground", "##ffffff"),
    ("ground", "ffffff "), ("ground", "gggggg"), ("ground", "ffffé"), ("file", ""), ("note", "a\0b"),
  ])
  func `a wrong value is told with what is allowed`(name: String, value: String) throws {
    let error = #expect(throws: StageError.self) { try options((name, value)) }
    guard case .badValue("test", name, value, let allowed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect("\(try #require(error))".contains(allowed))
  }

  @Test(arguments: [
    ("count", "a whole number from 1 to 10"), ("amount", "a number from -1 to 2.5"),
    ("mode", "one of fast, best"),
    ("box", "WIDTHxHEIGHT"), ("file", "the path of a file"),
  ])
  func `ranges are said in plain words`(name: String, text: String) throws {
    let option = try #require(Self.table.first { $0.name == name })
    #expect(option.allowed.contains(text))
  }

  @Test func `unknown, repeated and missing options`() throws {
    #expect(
      throws: StageError.unknownOption(
        stage: "test", option: "amuont", suggestion: "amount",
        known: ["count", "amount", "mode", "box", "ground", "file", "note"])
    ) { try options(("amuont", "1")) }
    // Two letters that have changed places are one mistake.
    #expect(
      throws: StageError.unknownOption(
        stage: "test", option: "mdoe", suggestion: "mode",
        known: ["count", "amount", "mode", "box", "ground", "file", "note"])
    ) { try options(("mdoe", "fast")) }
    #expect(throws: StageError.repeatedOption(stage: "test", option: "count")) {
      try options(("count", "1"), ("count", "1"))
    }
    #expect(throws: StageError.self) {
      try StageOptions(
        stage: "test", table: [StageOption("file", .file, isRequired: true, help: "")], given: [])
    }
    #expect(throws: StageError.self) {
      try StageOptions(
        stage: "test", table: [StageOption("a", .integer(0...1), default: "2", help: "")], given: [])
    }
  }
}
