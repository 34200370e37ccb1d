import Pixels

/// A picture's samples read as rows of floats, 0...255 or 0...65535, a channel at a time.
///
/// The handle is valid inside `Image.withRows` only; rows and channels are checked, pointers given to it are not.
struct SampleReader: @unchecked Sendable {
  private enum Base {
    case uint8(UnsafePointer<UInt8>)
    case uint16(UnsafePointer<UInt16>)
  }

  let width: Int
  let height: Int
  let layout: Image.Layout
  private let base: Base

  /// The samples' largest value.
  var peak: Float {
    if case .uint8 = base { 255 } else { 65535 }
  }

  fileprivate init(_ image: Image, _ base: UnsafePointer<UInt8>) {
    (self.width, self.height, self.layout) = (image.width, image.height, image.layout)
    self.base = .uint8(base)
  }

  fileprivate init(_ image: Image, _ base: UnsafePointer<UInt16>) {
    (self.width, self.height, self.layout) = (image.width, image.height, image.layout)
    self.base = .uint16(base)
  }

  /// Reads `width` samples of one channel. A row outside the picture is the nearest one inside.
  func read(row: Int, channel: Int, into target: UnsafeMutablePointer<Float>) {
    let channels = layout.channels
    precondition((0..<channels).contains(channel))
    let start = max(0, min(height - 1, row)) * width * channels + channel
    switch base {
    case .uint8(let base):
      var source = base + start
      for x in 0..<width {
        target[x] = Float(source.pointee)
        source += channels
      }
    case .uint16(let base):
      var source = base + start
      for x in 0..<width {
        target[x] = Float(source.pointee)
        source += channels
      }
    }
  }

  /// Reads the luma of a row: BT.601 weights over full-range RGB, or the gray samples as they are.
  func readLuma(row: Int, into target: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
    read(row: row, channel: 0, into: target)
    if layout.isGray { return }
    for x in 0..<width { target[x] *= 0.299 }
    for (channel, weight) in [(1, 0.587 as Float), (2, 0.114)] {
      read(row: row, channel: channel, into: scratch)
      for x in 0..<width { target[x] += weight * scratch[x] }
    }
  }
}

/// The samples of a picture in the making, written as rows of floats from any thread; no row of a channel twice.
struct SampleWriter: @unchecked Sendable {
  fileprivate enum Base {
    case uint8(UnsafeMutablePointer<UInt8>)
    case uint16(UnsafeMutablePointer<UInt16>)
  }

  let size: Size
  let layout: Image.Layout
  fileprivate let base: Base

  /// The samples' largest value.
  var peak: Float {
    if case .uint8 = base { 255 } else { 65535 }
  }

  /// Rounds to the nearest whole number and clips. The values must not be NaN.
  func write(row: Int, channel: Int, from source: UnsafePointer<Float>) {
    let channels = layout.channels
    precondition((0..<channels).contains(channel) && (0..<size.height).contains(row))
    let start = row * size.width * channels + channel
    switch base {
    case .uint8(let base):
      var target = base + start
      for x in 0..<size.width {
        target.pointee = UInt8(max(0, min(255, source[x])) + 0.5)
        target += channels
      }
    case .uint16(let base):
      var target = base + start
      for x in 0..<size.width {
        target.pointee = UInt16(max(0, min(65535, source[x])) + 0.5)
        target += channels
      }
    }
  }
}

extension Image {
  /// Lends the samples to `body`.
  func withRows<Result>(_ body: (SampleReader) throws -> Result) rethrows -> Result {
    switch samples {
    case .uint8(let values):
      try values.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a picture has pixels") }
        return try body(SampleReader(self, base))
      }
    case .uint16(let values):
      try values.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a picture has pixels") }
        return try body(SampleReader(self, base))
      }
    }
  }

  /// A picture of this one's depth and metadata whose samples `body` writes, every one of them.
  func rewritten(
    size: Size? = nil, layout: Layout? = nil, _ body: (SampleReader, SampleWriter) throws -> Void
  ) rethrows -> Image {
    let size = size ?? self.size
    let layout = layout ?? self.layout
    let count = size.width * size.height * layout.channels
    let samples: Samples = try withRows { reader in
      switch self.samples {
      case .uint8:
        .uint8(
          try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            buffer.initialize(repeating: 0)
            if let base = buffer.baseAddress {
              try body(reader, SampleWriter(size: size, layout: layout, base: .uint8(base)))
            }
            initialized = count
          })
      case .uint16:
        .uint16(
          try [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
            buffer.initialize(repeating: 0)
            if let base = buffer.baseAddress {
              try body(reader, SampleWriter(size: size, layout: layout, base: .uint16(base)))
            }
            initialized = count
          })
      }
    }
    return Image(width: size.width, height: size.height, layout: layout, samples: samples, metadata: metadata)
  }
}

/// Floats that live for one call.
func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows
  -> Result
{
  let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
  pointer.initialize(repeating: 0, count: max(1, count))
  defer { pointer.deallocate() }
  return try body(pointer)
}
