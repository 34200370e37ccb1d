import Convolution

/// A picture in the layout that the kernels read and write: rows of `width + 2` pixels with a zero row above and below,
/// the first or last float beside an unreadable page.
final class Activations {
  let width: Int
  let height: Int
  let channels: Int
  let stride: Int
  private let buffer: GuardedBuffer
  private(set) var rows: [UnsafeMutablePointer<Float>] = []

  /// NaN throughout: what a kernel leaves out, and what it must not write, stays so.
  init(width: Int, height: Int, channels: Int, edge: GuardedBuffer.Edge = .end) {
    self.width = width
    self.height = height
    self.channels = channels
    stride = paddedChannels(channels)
    buffer = GuardedBuffer(count: (height + 2) * (width + 2) * stride, edge: edge)
    for row in 0..<height + 2 { rows.append(buffer.pointer + (row * (width + 2) + 1) * stride) }
  }

  /// Holds `values`: `[height][width][channels]`, the border and the padding channels zero.
  convenience init(
    _ values: [Double], width: Int, height: Int, channels: Int, edge: GuardedBuffer.Edge = .end
  ) {
    self.init(width: width, height: height, channels: channels, edge: edge)
    buffer.pointer.update(repeating: 0, count: buffer.count)
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

  /// Whether the padding channels of all pixels are zero.
  var paddingIsZero: Bool {
    outputs.allSatisfy { row in
      (0..<width).allSatisfy { x in (channels..<stride).allSatisfy { row[x * stride + $0] == 0 } }
    }
  }

  /// Whether everything around the picture is still as `init(width:height:channels:)` left it.
  var borderIsUntouched: Bool {
    let above = (0..<(width + 2) * stride).allSatisfy { (rows[0] - stride)[$0].isNaN }
    let below = (0..<(width + 2) * stride).allSatisfy { (rows[height + 1] - stride)[$0].isNaN }
    let sides = outputs.allSatisfy { row in
      (0..<stride).allSatisfy { row[$0 - stride].isNaN && row[width * stride + $0].isNaN }
    }
    return above && below && sides
  }
}
