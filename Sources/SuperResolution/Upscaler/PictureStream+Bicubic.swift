import Pixels

extension PictureStream {
  /// Computes the whole picture with bicubic luma, in bands of rows.
  /// - Returns: false if `options.isCancelled` ended it early.
  func runWithoutNetwork(_ options: RunOptions) -> Bool {
    let size = target.size
    let rows = 16
    return share(
      (size.height + rows - 1) / rows, among: options.threads ?? coreCount(),
      isCancelled: options.isCancelled, progress: options.progress
    ) { band, _ in
      let first = band * rows
      let rect = Rect(x: 0, y: first, width: size.width, height: min(rows, size.height - first))
      Scratch.with(1, planesOf: rect) { luma in
        readLuma(rect, into: luma[0], stride: rect.width)
        write(rect, luma: luma[0], stride: rect.width)
      }
    }
  }
}
