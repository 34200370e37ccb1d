import Batch
import Synchronization

/// The first codec's process, started while the arguments are still being parsed: it is ready to decode when they are.
enum EarlyCodec {
  private static let started = Mutex<WorkerCoder?>(nil)

  /// Whether a run with these arguments decodes in a process like that of `begin()`, as far as can be told before they are
  /// parsed.
  static func isLikely(for arguments: [String]) -> Bool {
    EarlyStart.isUpscale(arguments, without: ["--isolation", "--codec-timeout"])
  }

  /// Starts it by the caller's own thread, whose processor the new process gets while the caller waits for its start. A thread
  /// beside has been seen to start one 8 ms late, in a queue behind others.
  static func begin() {
    let coder = WorkerCoder()
    coder.start()
    started.withLock { $0 = coder }
  }

  /// - Returns: What was begun, once; nil if nothing was.
  static func take() -> WorkerCoder? {
    started.withLock { $0.take() }
  }
}
