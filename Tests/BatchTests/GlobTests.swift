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
    ("*.{jpg,png}", "a/b.png", true), ("*.{jpg,png}", "b.jpg", true), ("*.{jpg,png}", "b.gif", false),
    ("*.jp{e,}g", "a.jpg", true), ("*.jp{e,}g", "a.jpeg", true), ("*.jp{e,}g", "a.jp,g", false),
    ("{a,b{c,d}}{1,2}", "a2", true), ("{a,b{c,d}}{1,2}", "bd1", true), ("{a,b{c,d}}{1,2}", "b1", false),
    ("{**/a,b}/c", "x/a/c", true), ("{**/a,b}/c", "b/c", true), ("{**/a,b}/c", "x/b/c", false),
    ("{x/a,b}.png", "y/b.png", true), ("{x/a,b}.png", "y/x/a.png", false), ("{x/a,b}.png", "x/a.png", true),
    ("{a}.png", "{a}.png", true), ("{a}.png", "a.png", false), ("{a,b.png", "{a,b.png", true),
    ("a,b}", "a,b}", true), ("{x{a,b}}", "{xb}", true), ("{x{a,b}", "{xa", true), ("{a,b}}", "b}", true),
    ("\\{a,b}", "{a,b}", true), ("\\{a,b}", "a", false), ("{a\\,b,c}", "a,b", true),
    ("{a\\,b,c}", "a", false),
    ("[{]a,b}", "{a,b}", true), ("{[,],x}", ",", true), ("{[,],x}", "x", true), ("{[}],x}", "}", true),
    ("{,a}", "", true), ("{é,ö}*", "ö.png", true),
  ])
  func matchesAsAShellWould(pattern: String, path: String, expected: Bool) throws {
    #expect(try #require(Glob(pattern)).matches(bytes(path)) == expected)
  }

  @Test(arguments: ["", "[a", "a\\", "[", "[!", "{a,[b}", "{a,b}\\"])
  func openEndsAreRefused(pattern: String) {
    #expect(Glob(pattern) == nil)
  }

  @Test func bracesStandForAThousandAtMost() {
    let ten = "{0,1,2,3,4,5,6,7,8,9}"
    #expect(Glob(ten + ten + ten)?.matches(bytes("407")) == true)
    #expect(Glob(ten + ten + ten + ten) == nil)
    #expect(Glob(String(repeating: "{a,b}", count: 10_000)) == nil)
    #expect(Glob(String(repeating: "{", count: 10_000)) != nil)
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
