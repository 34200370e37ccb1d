import SuperResolution
import Synchronization

/// What a stage may use while it works on one picture.
public struct StageContext: Sendable {
  /// How many threads the stage may keep busy; 1 to 1024.
  public var threads: Int
  /// Bytes that the network may use for its own work; nil for its default.
  public var maxMemory: Int?
  /// The network's tile in pixels; nil for its choice.
  public var tile: Int?
  /// Called now and then with the share of this stage that is done, 0...1: from any thread, by the stages that come with
  /// Acuity one call at a time and never with less than before.
  public var progress: (@Sendable (Double) -> Void)?
  /// Asked now and then, from any thread; true ends the work with `CancellationError`.
  public var isCancelled: (@Sendable () -> Bool)?

  /// By default all cores, and what the stage chooses for the rest.
  public init(
    threads: Int? = nil, maxMemory: Int? = nil, tile: Int? = nil,
    progress: (@Sendable (Double) -> Void)? = nil, isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.threads = RunOptions(threads: threads).threadCount
    self.maxMemory = maxMemory
    self.tile = tile
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Throws `CancellationError` if the context or the current task was cancelled.
  public func checkCancellation() throws {
    if Task.isCancelled || isCancelled?() == true { throw CancellationError() }
  }
}
