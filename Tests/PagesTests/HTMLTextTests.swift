import Pages
import Testing

@Suite struct HTMLTextTests {
  @Test(arguments: [
    ("plain é", "plain é"), ("a<b>&c", "a&lt;b&gt;&amp;c"), ("\"'", "&quot;&#39;"), ("&lt;", "&amp;lt;"),
  ])
  func signsOfTheLanguageAreSpelledOut(text: String, html: String) {
    #expect(htmlText(text) == html)
  }

  /// With what follows it is one `Character`, which equals no `<`.
  @Test func anAccentHidesNoTag() {
    #expect(htmlText("<\u{338}script").unicodeScalars.elementsEqual("&lt;\u{338}script".unicodeScalars))
  }
}
