import Folders
import Pixels
import TestSupport
import Testing

@Suite struct EscapingTests {
  @Test(arguments: [
    ("plain name.png", "plain name.png"), ("\u{e9}\u{301}\u{1f600}", "\u{e9}\u{301}\u{1f600}"),
    ("back\\slash", "back\\\\slash"), ("\u{1b}[31mred", "\\u{1b}[31mred"), ("a\nb\tc", "a\\u{0a}b\\u{09}c"),
    ("\u{7f}\u{9b}", "\\u{7f}\\u{9b}"), ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"), ("\u{2028}", "\\u{2028}"),
  ])
  func textIsShownAndControlsAreNot(text: String, shown: String) {
    #expect(escaped(bytes(text)) == shown)
  }

  @Test func bytesThatAreNoTextAreShownAsHexadecimal() {
    #expect(escaped([0xff, 0x61, 0xc3]) == "\\xffa\\xc3")
    #expect(escaped([0xc3, 0x28, 0xe2, 0x82]) == "\\xc3(\\xe2\\x82")
  }

  @Test func everyNameComesBack() {
    var random = RandomSource(seed: 1)
    let alphabet: [UInt8] = [
      0x00, 0x1b, 0x5c, 0x78, 0x75, 0x7b, 0x7d, 0x41, 0x80, 0x9b, 0xc2, 0xc3, 0xe2, 0xff,
    ]
    for byte in UInt8.min ... .max { #expect(unescaped(escaped([byte])) == [byte]) }
    for _ in 0..<2000 {
      let name = (0..<random.below(13)).map { _ in alphabet[random.below(alphabet.count)] }
      let text = escaped(name)
      #expect(unescaped(text) == name, "\(name)")
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
    }
  }

  @Test(arguments: ["\\", "\\q", "\\x4", "\\xzz", "\\u{41", "\\u{110000}", "\\u41"])
  func otherEscapesAreRefused(text: String) {
    #expect(unescaped(text) == nil)
  }

  /// Which a number with a sign would pass for.
  @Test(arguments: ["\\x+f", "\\x-0", "\\u{+41}"])
  func signsAreNoDigits(text: String) {
    #expect(unescaped(text) == nil)
  }
}
