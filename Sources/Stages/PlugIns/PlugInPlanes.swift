import CAcuityPlugin
import Pixels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A picture's float planes as a plug-in sees them, with guards that show what it did wrong:
///
///     guard row                     (stride floats)
///     plane 0: row 0 | guard        width floats | stride - width floats, at least 16
///              row 1 | guard
///     guard row
///     plane 1: ...
///     guard row
///
/// Guards and unwritten samples hold one particular NaN. One that changed was written to; a sample that still holds
/// it was not, or comes from outside the other picture's planes.
final class PlugInPlanes: @unchecked Sendable {
  private let size: Size
  private let layout: Image.Layout
  private let stride: Int
  private let memory: UnsafeMutablePointer<UInt32>

  /// A signalling NaN that no arithmetic gives.
  private static let untouched: UInt32 = 0x7fbf_8234

  /// Nil if there isn't enough memory.
  init?(size: Size, layout: Image.Layout) {
    let bytes = Self.bytes(size, channels: layout.channels)
    guard let block = malloc(bytes) else { return nil }
    (self.size, self.layout, stride) = (size, layout, Self.stride(size.width))
    memory = block.bindMemory(to: UInt32.self, capacity: bytes / 4)
    memory.initialize(repeating: Self.untouched, count: bytes / 4)
  }

  deinit { free(memory) }

  /// Bytes of the planes; sides are at most `TargetSize.largestSide`, so this is far from overflowing.
  static func bytes(_ size: Size, channels: Int) -> Int {
    (channels * (size.height + 1) + 1) * stride(size.width) * 4
  }

  private static func stride(_ width: Int) -> Int { (width + 15) / 16 * 16 + 16 }

  private func row(_ y: Int, _ channel: Int) -> UnsafeMutablePointer<UInt32> {
    memory + (1 + channel * (size.height + 1) + y) * stride
  }

  private func floats(_ y: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(row(y, channel)).assumingMemoryBound(to: Float.self)
  }

  /// Fills the planes with the samples of a picture of their size and layout, scaled to 0...1.
  func read(_ image: Image) {
    image.withRows { reader in
      for channel in 0..<layout.channels {
        for y in 0..<size.height {
          let line = floats(y, channel)
          reader.read(row: y, channel: channel, into: line)
          for x in 0..<size.width { line[x] /= reader.peak }
        }
      }
    }
  }

  /// Writes the planes' samples, which `fault` has found good.
  func write(to writer: SampleWriter) {
    for channel in 0..<layout.channels {
      for y in 0..<size.height {
        let line = floats(y, channel)
        for x in 0..<size.width { line[x] *= writer.peak }
        writer.write(row: y, channel: channel, from: line)
      }
    }
  }

  /// Lends the picture's description; nil if `body` changed it.
  func withPicture<Result>(_ body: (UnsafePointer<acuity_picture>) -> Result) -> Result? {
    var picture = acuity_picture()
    picture.width = Int64(size.width)
    picture.height = Int64(size.height)
    picture.row_stride = Int64(stride)
    picture.channels = Int32(layout.channels)
    picture.has_alpha = layout.hasAlpha ? 1 : 0
    withUnsafeMutableBytes(of: &picture.planes) { raw in
      let planes = raw.bindMemory(to: UnsafeMutablePointer<Float>?.self)
      for channel in 0..<layout.channels { planes[channel] = floats(0, channel) }
    }
    var lent = picture
    let result = withUnsafePointer(to: &lent, body)
    return memcmp(&lent, &picture, MemoryLayout<acuity_picture>.size) == 0 ? result : nil
  }

  /// What is wrong with the planes after the plug-in has filled them; nil if nothing is.
  func fault() -> String? {
    for channel in 0..<layout.channels {
      for y in 0..<size.height {
        if let x = firstBad(row(y, channel)) {
          return describe(row(y, channel)[x], x, y, channel)
        }
      }
    }
    return overrun()
  }

  /// Where the guards show that the plug-in wrote beside the samples; nil if they show nothing.
  func overrun() -> String? {
    for channel in 0..<layout.channels {
      for y in 0..<size.height {
        if !isUntouched(row(y, channel) + size.width, stride - size.width) {
          return "it wrote beyond the end of row \(y) of channel \(channel)"
        }
      }
    }
    let areGuardsUntouched = (0...layout.channels).allSatisfy { isUntouched(row(-1, $0), stride) }
    return areGuardsUntouched ? nil : "it wrote outside the planes"
  }

  /// The first sample of a row that is no finite number.
  private func firstBad(_ row: UnsafePointer<UInt32>) -> Int? {
    var isGood = true
    // All ones in the exponent: infinite or NaN.
    for x in 0..<size.width { isGood = (row[x] & 0x7f80_0000 != 0x7f80_0000) && isGood }
    return isGood ? nil : (0..<size.width).first { row[$0] & 0x7f80_0000 == 0x7f80_0000 }
  }

  private func isUntouched(_ start: UnsafePointer<UInt32>, _ count: Int) -> Bool {
    (0..<count).allSatisfy { start[$0] == Self.untouched }
  }

  private func describe(_ bits: UInt32, _ x: Int, _ y: Int, _ channel: Int) -> String {
    let place = "sample \(x),\(y) of channel \(channel)"
    if bits == Self.untouched { return "it left \(place) unwritten, or read it outside the planes" }
    return "its \(place) is \(Float(bitPattern: bits).isNaN ? "NaN" : "infinite")"
  }
}
