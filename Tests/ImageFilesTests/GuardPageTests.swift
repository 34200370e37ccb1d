import CJPEG
import CPNG
import CWebP
import Foundation
import Pixels
import TestSupport
import Testing

@testable import ImageFiles

/// Memory whose end is the end of what may be touched: the next byte lies on a page without any access.
private final class GuardedBytes {
  let start: UnsafeMutablePointer<UInt8>
  private let mapping: UnsafeMutableRawPointer
  private let length: Int

  init(_ count: Int) throws {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let usable = (count + page - 1) / page * page
    length = usable + page
    let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mapping = try #require(mapped != MAP_FAILED ? mapped : nil)
    #expect(mprotect(mapping + usable, page, PROT_NONE) == 0)
    start = (mapping + (usable - count)).assumingMemoryBound(to: UInt8.self)
  }

  convenience init(_ bytes: [UInt8]) throws {
    try self.init(bytes.count)
    start.update(from: bytes, count: bytes.count)
  }

  deinit { munmap(mapping, length) }
}

/// The C decoders neither read beyond the file nor write beyond the picture: doing so would end the process.
@Suite struct GuardPageTests {
  private static let count = SharedData.runsFullTests ? 20_000 : 600

  /// Decodes as the codec does, from and into guarded memory.
  private static func decode(_ bytes: [UInt8], acceptsDamage: Bool = false) throws -> Int32? {
    let content = Content(bytes, acceptsDamage: acceptsDamage)
    guard !bytes.isEmpty, let codec = Codecs.all.first(where: { $0.recognizes(content) }),
      let picture = try? codec.parse(content), picture.byteCount < 1 << 22
    else { return nil }
    let input = try GuardedBytes(bytes)
    let output = try GuardedBytes(picture.byteCount)
    let (width, height) = (UInt32(picture.size.width), UInt32(picture.size.height))
    var message = [CChar](repeating: 0, count: 256)
    switch codec.format {
    case .png:
      let layout = acuity_png_layout(
        width: width, height: height, channels: Int32(picture.layout.channels), depth: Int32(picture.depth))
      return acuity_png_decode(
        input.start, bytes.count, layout, acceptsDamage ? 1 : 0, output.start, &message, message.count)
    case .jpeg:
      let request = acuity_jpeg_request(
        width: width, height: height,
        components: picture.isCMYK ? 4 : Int32(picture.layout.channels), scan_limit: 100,
        memory_limit: 64 << 20, tolerant: acceptsDamage ? 1 : 0)
      return acuity_jpeg_decode(input.start, bytes.count, request, output.start, &message, message.count)
    case .webp:
      let frame = try WebPContainer(content).canvas().frame
      guard frame.size == picture.size else { return nil }
      return acuity_webp_decode(
        input.start, frame.data.lowerBound, frame.data.count, width, height,
        Int32(picture.layout.channels), output.start, picture.size.width * picture.layout.channels,
        &message, message.count)
    default: return nil
    }
  }

  @Test func seedsAndMutantsStayInside() throws {
    var random = RandomSource(seed: 3)
    let seeds = try Seeds.all()
    var good = 0
    for seed in seeds where try Self.decode(seed.bytes) == 0 { good += 1 }
    // All but the bitmaps, which Swift decodes itself.
    #expect(good == seeds.count - Seeds.bmp.count)
    var tried = 0
    for _ in 0..<Self.count {
      let bytes = MutationTests.mutated(seeds[random.below(seeds.count)].bytes, &random)
      if try Self.decode(bytes) != nil { tried += 1 }
      _ = try Self.decode(bytes, acceptsDamage: true)
      let kind = PNGDecodingTests.kinds[random.below(PNGDecodingTests.kinds.count)]
      let builder = Seeds.builder(kind.color, kind.depth, isInterlaced: random.below(2) == 0)
      if try Self.decode(MutationTests.mutatedPNG(.init(builder), &random)) != nil { tried += 1 }
    }
    #expect(tried > Self.count)
  }
}
