import Pixels

/// A picture's samples read as rows of floats, 0...255 or 0...65535, a channel at a time.
///
/// Valid inside `Image.withRows` only, from any thread; rows and channels are checked, pointers given to it are not.
struct SampleReader: Sendable {
  fileprivate let source: SampleSource

  var width: Int { source.size.width }
  var height: Int { source.size.height }
  var layout: Image.Layout { source.layout }
  /// The samples' largest value.
  var peak: Float { source.peak }

  /// Reads `width` samples of one channel. A row outside the picture is the nearest one inside.
  func read(row: Int, channel: Int, into target: UnsafeMutablePointer<Float>) {
    source.read(channel: channel, of: rect(row), into: target)
  }

  /// Reads the luma of a row: BT.601 weights over full-range RGB, or the gray samples as they are. Equal colours keep their
  /// value. A row outside the picture is the nearest one inside.
  func readLuma(row: Int, into target: UnsafeMutablePointer<Float>) {
    source.readLuma(of: rect(row), .samples(to: peak), into: target)
  }

  private func rect(_ row: Int) -> Rect {
    Rect(x: 0, y: max(0, min(height - 1, row)), width: width, height: 1)
  }
}

/// The samples of a picture in the making, written as rows of floats from any thread; no row of a channel twice.
///
/// Valid inside `Image.rewritten` only.
struct SampleWriter: Sendable {
  fileprivate let target: SampleTarget

  var size: Size { target.size }
  var layout: Image.Layout { target.layout }
  /// The samples' largest value.
  var peak: Float { target.peak }

  /// Rounds to the nearest whole number and clips.
  func write(row: Int, channel: Int, from source: UnsafePointer<Float>) {
    target.write(channel: channel, Rect(x: 0, y: row, width: size.width, height: 1), source)
  }
}

extension Image {
  /// Lends the samples to `body`.
  func withRows<Result, Failure: Error>(
    _ body: (SampleReader) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withSampleSource { (source) throws(Failure) in try body(SampleReader(source: source)) }
  }

  /// A picture of this one's depth and metadata whose samples `body` writes, every one of them.
  func rewritten<Failure: Error>(
    size: Size? = nil, layout: Layout? = nil, _ body: (SampleReader, SampleWriter) throws(Failure) -> Void
  ) throws(Failure) -> Image {
    let (size, layout) = (size ?? self.size, layout ?? self.layout)
    let samples = try withRows { (reader) throws(Failure) in
      try Samples.making(size, layout, depth: self.samples.depth) { (target) throws(Failure) in
        try body(reader, SampleWriter(target: target))
      }
    }
    return Image(width: size.width, height: size.height, layout: layout, samples: samples, metadata: metadata)
  }
}

/// Lends `body` planes of so many floats each, zero at first. Each is an allocation of its own, so that a sanitizer sees whoever
/// leaves it.
func withScratch(_ counts: [Int], _ body: (_ planes: [UnsafeMutablePointer<Float>]) -> Void) {
  let planes = counts.map { count in
    let plane = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
    plane.initialize(repeating: 0, count: max(1, count))
    return plane
  }
  body(planes)
  for plane in planes { plane.deallocate() }
}
