import Dispatch
import Pixels
import Synchronization

extension PictureStream {
  /// Computes the whole picture with bicubic luma, in bands of rows.
  /// - Returns: false if `options.isCancelled` ended it early.
  func runWithoutNetwork(_ options: RunOptions) -> Bool {
    let size = target.size
    let rows = 16
    let bands = (size.height + rows - 1) / rows
    let next = Atomic<Int>(0)
    let done = Tally()
    let isStopped = Atomic<Bool>(false)
    let threads = min(max(1, options.threads ?? coreCount()), bands)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while !isStopped.load(ordering: .relaxed) {
        let band = next.add(1, ordering: .relaxed).oldValue
        if band >= bands { return }
        if options.isCancelled?() == true {
          isStopped.store(true, ordering: .relaxed)
          return
        }
        let first = band * rows
        let rect = Rect(x: 0, y: first, width: size.width, height: min(rows, size.height - first))
        Scratch.with(1, planesOf: rect) { luma in
          readLuma(rect, into: luma[0], stride: rect.width)
          write(rect, luma: luma[0], stride: rect.width)
        }
        if let progress = options.progress { done.add { progress(Double($0) / Double(bands)) } }
      }
    }
    return !isStopped.load(ordering: .relaxed)
  }
}
