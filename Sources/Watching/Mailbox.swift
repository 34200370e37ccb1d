import Synchronization

/// Where hints collect until the watcher has time for them. Bounded: beyond `limit` distinct hints a scan of
/// everything is cheaper, and remembered as one hint.
package final class Mailbox: Sendable {
  private let hints = Mutex<Set<Hint>>([])
  private let limit: Int
  private let wake: AsyncStream<Void>.Continuation
  /// An element whenever there is something to do; several calls may give one.
  package let wakeups: AsyncStream<Void>

  package init(limit: Int = 4096) {
    self.limit = limit
    (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  package func post(_ hint: Hint) {
    hints.withLock { hints in
      if hints.count >= limit { hints = [.everything(reason: "more than \(limit) events at once")] }
      hints.insert(hint)
    }
    wakeUp()
  }

  package func wakeUp() {
    wake.yield()
  }

  /// Takes all hints out.
  package func take() -> Set<Hint> {
    hints.withLock { hints in
      defer { hints = [] }
      return hints
    }
  }
}
