/// How a file's stored rows have to be turned to show the picture upright: EXIF tag 0x0112 (Exif 2.32, 4.6.4).
public enum Orientation: Int, Sendable, Hashable, CaseIterable {
  /// As it is to be seen.
  case upright = 1
  /// Left and right exchanged.
  case mirrored = 2
  /// To be turned by 180 degrees.
  case upsideDown = 3
  /// Top and bottom exchanged.
  case mirroredUpsideDown = 4
  /// Mirrored along the main diagonal.
  case transposed = 5
  /// To be turned by 90 degrees clockwise.
  case turnRight = 6
  /// Mirrored along the other diagonal.
  case transversed = 7
  /// To be turned by 90 degrees counterclockwise.
  case turnLeft = 8
}

extension Orientation {
  /// Whether width and height change places.
  public var swapsAxes: Bool { rawValue >= 5 }

  /// The upright picture's size when the file stores `size`.
  public func upright(_ size: Size) -> Size {
    swapsAxes ? Size(width: size.height, height: size.width) : size
  }

  /// Samples of the upright picture, from those of the stored picture of `size` with 1 to 4 `channels`.
  /// - Complexity: O(samples); one copy unless already upright.
  package func upright(_ samples: Image.Samples, size: Size, channels: Int) -> Image.Samples {
    guard self != .upright else { return samples }
    switch samples {
    case .uint8(let values): return .uint8(turned(values, size: size, channels: channels))
    case .uint16(let values): return .uint16(turned(values, size: size, channels: channels))
    }
  }

  private func turned<Sample: FixedWidthInteger>(_ source: [Sample], size: Size, channels: Int) -> [Sample] {
    precondition(source.count == size.width * size.height * channels && (1...4).contains(channels))
    return [Sample](unsafeUninitializedCapacity: source.count) { target, count in
      source.withUnsafeBufferPointer { source in
        // A constant channel count lets the compiler unroll the copy of a pixel.
        switch channels {
        case 1: turn(source, size, 1, into: target)
        case 2: turn(source, size, 2, into: target)
        case 3: turn(source, size, 3, into: target)
        default: turn(source, size, 4, into: target)
        }
      }
      count = source.count
    }
  }

  /// Upright pixel (x, y) is stored pixel (x0 + x * dxx + y * dxy, ...): an affine walk through the source. Square
  /// blocks keep both sides in the cache when the walk goes down columns.
  @inline(__always)
  private func turn<Sample: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<Sample>, _ size: Size, _ channels: Int,
    into target: UnsafeMutableBufferPointer<Sample>
  ) {
    let (right, down) = (size.width - 1, (size.height - 1) * size.width)
    let row = size.width
    let (start, stepX, stepY) =
      switch self {
      case .upright: (0, 1, row)
      case .mirrored: (right, -1, row)
      case .upsideDown: (down + right, -1, -row)
      case .mirroredUpsideDown: (down, 1, -row)
      case .transposed: (0, row, 1)
      case .turnRight: (down, -row, 1)
      case .transversed: (down + right, -row, -1)
      case .turnLeft: (right, row, -1)
      }
    let result = upright(size)
    let block = 32
    for blockY in stride(from: 0, to: result.height, by: block) {
      for blockX in stride(from: 0, to: result.width, by: block) {
        let endX = min(blockX + block, result.width)
        for y in blockY..<min(blockY + block, result.height) {
          var from = (start + y * stepY + blockX * stepX) * channels
          var to = (y * result.width + blockX) * channels
          for _ in blockX..<endX {
            for c in 0..<channels { target[to + c] = source[from + c] }
            from += stepX * channels
            to += channels
          }
        }
      }
    }
  }
}
