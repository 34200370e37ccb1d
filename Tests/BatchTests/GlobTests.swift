import Batch
import TestSupport
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*.png", "a/b.png", true), ("*.png", "a/b.PNG", false), ("*.png", ".png", true), ("*", "x/y", true),
    ("a/*.png", "a/b.png", true), ("a/*.png", "a/b/c.png", false), ("a/**.png", "a/b/c.png", true),
    ("**/x.png", "x.png", true), ("**/x.png", "a/b/x.png", true), ("a/**", "a/b/c", true),
    ("a/**", "b/a/c", false),
    ("IMG_????.jpg", "IMG_0042.jpg", true), ("IMG_????.jpg", "IMG_42.jpg", false),
    ("[a-c]*.png", "b1.png", true), ("[!a-c]*.png", "b1.png", false), ("[]x]", "]", true),
    ("[a-]", "-", true),
    ("\\*.png", "*.png", true), ("\\*.png", "a.png", false), ("/a", "a", true), ("/a", "b/a", false),
    ("**/b.png", "ab.png", false), ("**/b.png", "x/ab.png", false), ("**/b.png", "x/y/b.png", true),
    ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true), ("a/**/b", "a/xb", false),
    ("**/**/b", "x/b", true), ("a/**/**/b", "a/b", true), ("a**/b", "axx/y/b", true),
    ("cache/", "x/cache", true), ("./cache", "cache", true), ("./cache", "x/cache", false),
    ("a/b/", "a/b", true),
    ("?.png", "é.png", true), ("??.png", "é.png", false), ("[ä]*", "é.png", false), ("[ä]*", "äh.png", true),
    ("[!ä].png", "é.png", true), ("[а-я]?.png", "ёж.png", false), ("[а-я]?.png", "уж.png", true),
    ("?", "👩", true),
  ])
  func matchesAsAShellWould(pattern: String, path: String, expected: Bool) throws {
    #expect(try #require(Glob(pattern)).matches(bytes(path)) == expected)
  }

  @Test(arguments: ["", "[a", "a\\", "[", "[!"])
  func openEndsAreRefused(pattern: String) {
    #expect(Glob(pattern) == nil)
  }

  @Test func namesThatAreNoTextMatchByBytes() throws {
    #expect(try #require(Glob("*.png")).matches([0xff, 0xfe] + bytes(".png")))
    #expect(try #require(Glob("??")).matches([0xff, 0xfe]))
    #expect(try #require(Glob("?é?")).matches([0xc3] + bytes("é") + [0xe2]))
    // The byte 0xe9 is not the letter of that number.
    #expect(try !#require(Glob("é")).matches([0xe9]) && !#require(Glob("[à-ü]")).matches([0xe9]))
  }

  @Test func aPatternOfManyStarsTakesNoTimeToSpeakOf() throws {
    let glob = try #require(Glob(String(repeating: "*a", count: 50) + "b"))
    #expect(!glob.matches([UInt8](repeating: UInt8(ascii: "a"), count: 2000)))
  }
}
