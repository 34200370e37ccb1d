import CJPEG
import ImageFiles
import Pixels
import TestSupport
import Testing

/// What lies between the codecs and the system's libraries.
@Suite struct LibraryTests {
  @Test func memoryBeyondAllIsNotAvailable() {
    #expect(!Memory.isAvailable(1 << 60))
    #expect(!Memory.isAvailable(.max))
    #expect(Memory.isAvailable(0) && Memory.isAvailable(1 << 20))
  }

  /// No other error's words, which would lead astray.
  @Test func aJPEGOfOtherSizeThanItsHeaderIsNoSecondFrame() throws {
    let image = Pictures.noise(width: 8, height: 8, layout: .gray, seed: 1)
    let bytes = try ImageFile.encode(image, as: .jpeg)
    let request = acuity_jpeg_request(
      width: 9, height: 8, components: 1, scan_limit: 9, memory_limit: 1 << 20, tolerant: 0)
    var pixels = [UInt8](repeating: 0, count: 72)
    var message = [CChar](repeating: 0, count: 256)
    let code = acuity_jpeg_decode(bytes, bytes.count, request, &pixels, &message, message.count)
    #expect(Int(code) == ACUITY_JPEG_CORRUPT)
    let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #expect(text.contains("frame header, of 1 components"), "\(text)")
  }
}
