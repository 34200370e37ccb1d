import Convolution

/// What one layer leaves for the next, for one patch, or its gradient, laid out as the kernels read it: rows of
/// `width + 2` pixels, one zero row above and one below. Nobody ever writes the border, so it stays zero.
final class FeatureMap: @unchecked Sendable {
  let width: Int
  let height: Int
  let channels: Int
  private let buffer: FloatBuffer
  private let readable: UnsafeMutablePointer<UnsafePointer<Float>>
  private let writable: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  init(width: Int, height: Int, channels: Int) {
    self.width = width
    self.height = height
    self.channels = channels
    let (stride, lead, rowLength) = Self.places(width: width, channels: channels)
    buffer = FloatBuffer(count: Self.count(width: width, height: height, channels: channels))
    readable = .allocate(capacity: height + 2)
    writable = .allocate(capacity: height + 2)
    for row in 0..<height + 2 {
      let pixel = buffer.pointer + lead + row * rowLength + stride
      readable.advanced(by: row).initialize(to: UnsafePointer(pixel))
      writable.advanced(by: row).initialize(to: pixel)
    }
  }

  deinit {
    readable.deallocate()
    writable.deallocate()
  }

  /// `height + 2` rows, the zero ones included.
  var padded: UnsafePointer<UnsafePointer<Float>> { UnsafePointer(readable) }
  /// The rows without the border.
  var rows: UnsafePointer<UnsafePointer<Float>> { UnsafePointer(readable + 1) }
  var outputs: UnsafePointer<UnsafeMutablePointer<Float>> { UnsafePointer(writable + 1) }

  /// Makes all pixels zero but those of the first `side` rows and columns.
  func clear(beyond side: Int) {
    let stride = paddedChannels(channels)
    for row in 0..<height {
      let first = row < side ? side : 0
      if first < width {
        outputs[row].advanced(by: first * stride).update(repeating: 0, count: (width - first) * stride)
      }
    }
  }

  /// Floats from a pixel to the next, before the first row and from a row to the next: the first pixel, not the border before
  /// it, starts at a multiple of 64 bytes; so do all others of a row.
  private static func places(width: Int, channels: Int) -> (stride: Int, lead: Int, rowLength: Int) {
    let stride = paddedChannels(channels)
    return (stride, max(0, 16 - stride), ((width + 2) * stride + 15) & ~15)
  }

  /// Floats of a map.
  static func count(width: Int, height: Int, channels: Int) -> Int {
    let (_, lead, rowLength) = places(width: width, channels: channels)
    return lead + (height + 2) * rowLength + 16
  }
}
