import ImageFiles
import Pixels

/// WebP containers put together around pictures that the encoder has made.
enum WebPBuilder {
  static func file(_ chunks: [(String, [UInt8])]) -> [UInt8] {
    let body = Array("WEBP".utf8) + chunks.flatMap { chunk($0.0, $0.1) }
    return Array("RIFF".utf8) + little(body.count, bytes: 4) + body
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    Array(type.utf8) + little(data.count, bytes: 4) + data + (data.count % 2 == 1 ? [0] : [])
  }

  static func little(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The extended header of a canvas; flag 2 is an animation, 16 alpha.
  static func extended(_ size: Size, flags: UInt8) -> (String, [UInt8]) {
    let sides = little(size.width - 1, bytes: 3) + little(size.height - 1, bytes: 3)
    return ("VP8X", [flags, 0, 0, 0] + sides)
  }

  /// An animation with frames at (x, y), each even.
  static func animation(_ canvas: Size, _ frames: [(x: Int, y: Int, image: Image)]) throws -> [UInt8] {
    var chunks = [extended(canvas, flags: 2), ("ANIM", [0, 0, 0, 0, 0, 0])]
    for frame in frames {
      let still = try ImageFile.encode(frame.image, as: .webp, options: EncodeOptions(lossless: true))
      let place = little(frame.x / 2, bytes: 3) + little(frame.y / 2, bytes: 3)
      let size = little(frame.image.width - 1, bytes: 3) + little(frame.image.height - 1, bytes: 3)
      chunks.append(("ANMF", place + size + [100, 0, 0, 0] + still[12...]))
    }
    return file(chunks)
  }
}
