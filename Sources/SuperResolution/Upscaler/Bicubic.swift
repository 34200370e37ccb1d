public import Pixels

/// The model that adds nothing: with it, an upscaler does bicubic interpolation alone, as it does of itself where a picture gets
/// smaller.
public struct Bicubic: LumaModel {
  /// There is but one.
  public init() {}

  /// None.
  public var multiplyAddsPerPixel: Int { 0 }

  /// Its name; it has no weights.
  public var content: [UInt8] { Array("bicubic".utf8) }

  /// Hands the plane on in bands of rows.
  /// - Throws: `CancellationError`.
  public func enhance(
    size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
  ) throws {
    guard size.width > 0, size.height > 0 else { return }
    // Many bands for many threads, and of very wide pictures low ones.
    let rows = max(1, min(16, PictureStream.bandSamples / size.width))
    let isFinished = share(
      (size.height + rows - 1) / rows, among: options.threadCount,
      isCancelled: options.isCancelled, progress: options.progress
    ) { band, _ in
      let first = band * rows
      let rect = Rect(x: 0, y: first, width: size.width, height: min(rows, size.height - first))
      Scratch.with(1, planesOf: rect) { luma in
        source(rect, luma[0], rect.width)
        sink(rect, luma[0], rect.width)
      }
    }
    if !isFinished { throw CancellationError() }
  }
}
