import Convolution

/// A picture in the layout that the kernels read: rows of `width + 2` pixels, a zero row above and below.
final class Activations {
  let width: Int
  let height: Int
  let channels: Int
  let stride: Int
  private let buffer: FloatBuffer
  private(set) var rows: [UnsafeMutablePointer<Float>] = []

  /// Zero throughout.
  init(width: Int, height: Int, channels: Int) {
    self.width = width
    self.height = height
    self.channels = channels
    stride = paddedChannels(channels)
    buffer = FloatBuffer(count: (height + 2) * (width + 2) * stride)
    for row in 0..<height + 2 { rows.append(buffer.pointer + (row * (width + 2) + 1) * stride) }
  }

  /// Holds `values`: `[height][width][channels]`.
  convenience init(_ values: [Double], width: Int, height: Int, channels: Int) {
    self.init(width: width, height: height, channels: channels)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          rows[y + 1][x * stride + c] = Float(values[(y * width + x) * channels + c])
        }
      }
    }
  }

  /// `height + 2` rows, the zero ones included.
  var inputs: [UnsafePointer<Float>] { rows.map { UnsafePointer($0) } }
  /// The rows of the picture itself.
  var outputs: [UnsafeMutablePointer<Float>] { Array(rows[1...height]) }

  /// `[height][width][channels]`, without the padding channels.
  var values: [Float] {
    outputs.flatMap { row in
      (0..<width).flatMap { x in (0..<channels).map { row[x * stride + $0] } }
    }
  }
}
