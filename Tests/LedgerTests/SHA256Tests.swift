import Testing

@testable import Ledger

@Suite struct SHA256Tests {
  /// NIST's example values for SHA-256 (FIPS 180-4 examples, and the CAVS short messages of 0 and 1 byte).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmno"
        + "pqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func matchesTheStandardsExamples(text: String, digest: String) {
    #expect(SHA256.digest(text).description == digest)
  }

  @Test func matchesTheStandardsMillionLetters() {
    let digest = SHA256.digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
    #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func piecesGiveTheDigestOfTheWholeForEveryLengthAroundABlock() {
    for length in 0...200 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
      let whole = SHA256.digest(bytes)
      for cut in [0, 1, 55, 56, 63, 64, 65, 127, 128] where cut <= length {
        var hash = SHA256()
        hash.update(Array(bytes[..<cut]))
        hash.update(Array(bytes[cut...]))
        #expect(hash.finish() == whole, "length \(length), cut at \(cut)")
      }
    }
  }

  @Test func digestsAreExactly32Bytes() {
    #expect(SHA256.Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    let digest = SHA256.digest("abc")
    #expect(SHA256.Digest(bytes: digest.bytes) == digest)
  }
}
