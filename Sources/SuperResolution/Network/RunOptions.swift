/// How one picture is computed; none of it changes a single bit of the result.
public struct RunOptions: Sendable {
  /// Threads to use; nil for as many as there are cores that the process may use. Less than 1 is taken for 1, more than 1024 for
  /// 1024.
  public var threads: Int?
  /// Bytes that a network may use for its own work beside its weights. Unless a `tile` asks for more it takes 80 MB and 8 MB for
  /// each thread at most, no more than 256 MB and a sixteenth of the memory that the machine has, or the container. Less than
  /// `Network.minimumMemory` is taken for that.
  public var maxMemory: Int?
  /// The width, in pixels, of the column tiles that a picture is cut into, at most: narrower where a given `maxMemory` does
  /// not allow it. Nil for as few tiles as that and what a network takes at most allow; less than 1 is taken for 1. Every cut costs the computing of a halo, so
  /// that narrow tiles are slow.
  public var tile: Int?
  /// Called now and then with the share that is done, 0...1: from any thread, but one call at a time, and never with less than
  /// before.
  public var progress: (@Sendable (Double) -> Void)?
  /// Asked now and then, from any thread; true ends the work with `CancellationError`.
  public var isCancelled: (@Sendable () -> Bool)?

  /// By default all cores and a modest share of the memory.
  public init(
    threads: Int? = nil, maxMemory: Int? = nil, tile: Int? = nil,
    progress: (@Sendable (Double) -> Void)? = nil, isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.threads = threads
    self.maxMemory = maxMemory
    self.tile = tile
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Of `threads`, what is computed with.
  package var threadCount: Int { min(max(1, threads ?? coreCount()), 1_024) }
}
