import SuperResolution

extension StageContext {
  /// Calls `body` once for every band of rows of a picture, spread over the context's threads.
  ///
  /// Bands have a fixed height, so that what a band computes doesn't depend on the thread count.
  /// - Throws: `CancellationError` between bands.
  func forEachBand(rows: Int, height band: Int = 32, _ body: @Sendable (Range<Int>) -> Void) throws {
    let isWhole = withCancellation(isCancelled) { isCancelled in
      share(
        (rows + band - 1) / band, among: threads, isCancelled: isCancelled, progress: progress
      ) { index, _ in
        body(index * band..<min(rows, (index + 1) * band))
      }
    }
    if !isWhole { throw CancellationError() }
  }
}
