import Pages
import Testing

@Suite struct CSVTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a b", "a b"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""),
    ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("é;ü", "é;ü"),
  ])
  func cellsAreQuotedWhereNeedBe(text: String, cell: String) {
    #expect(csvRow([text]) == cell)
    #expect(csvRow(["1", text, "2"]) == "1,\(cell),2")
  }

  /// With what follows they are one `Character`, which equals none of the signs.
  @Test(arguments: [("a,\u{301}b", "\"a,\u{301}b\""), ("a\"\u{301}b", "\"a\"\"\u{301}b\"")])
  func anAccentHidesNoSign(text: String, cell: String) {
    #expect(csvRow([text]).utf8.elementsEqual(cell.utf8))
  }

  @Test(arguments: ["=1+1", "+cmd", "-x", "@sum", "=\u{301}1", "\tx"])
  func noNameIsAFormula(text: String) {
    #expect(csvRow([text]).utf8.elementsEqual("'\(text)".utf8))
  }

  @Test(arguments: ["-1.5", "+3", "1e-7"])
  func numbersStayNumbers(text: String) {
    #expect(csvRow([text]) == text)
  }
}
