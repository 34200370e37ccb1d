import ImageFiles
import Testing

@Suite struct TruncationTests {
  @Test func noPrefixOfAFileIsAPicture() throws {
    let seeds = try Seeds.all()
    #expect(seeds.count >= 15)
    let options = ReadOptions(cmyk: .convert, animation: .firstFrame)
    var prefixes = 0
    for seed in seeds {
      #expect(throws: Never.self, "\(seed)") { try ImageFile.read(bytes: seed.bytes, options: options) }
      for count in 0..<seed.bytes.count {
        prefixes += 1
        do throws(ImageFileError) {
          _ = try ImageFile.read(bytes: Array(seed.bytes.prefix(count)), options: options)
          Issue.record("\(count) of \(seed.bytes.count) bytes of \(seed) are a picture")
        } catch {
          // A file that is recognized is called incomplete or damaged, not unknown.
          if count >= 16 { #expect(error.cause.isTruncated || error.cause.isCorrupt, "\(seed) \(count)") }
        }
      }
    }
    #expect(prefixes > 5000)
  }
}
