import Acuity
import DequeModule
import Synchronization

/// A number of threads or bytes that work under way shares; who asks first is served first.
package final class Budget: Sendable {
  package let total: Int
  private let state: Mutex<State>

  private struct State {
    var free: Int
    var waiting = Deque<(amount: Int, turn: CheckedContinuation<Void, Never>)>()
  }

  package init(_ total: Int) {
    precondition(total > 0)
    self.total = total
    state = Mutex(State(free: total))
  }

  /// Waits for its turn and for `amount` to be free, or everything if that is less: what is larger than the whole
  /// budget runs alone. Each call is followed by one of `release` with the same amount.
  package func acquire(_ amount: Int) async {
    let amount = share(amount)
    await withCheckedContinuation { turn in
      let mayStart = state.withLock { state in
        guard state.waiting.isEmpty, state.free >= amount else {
          state.waiting.append((amount, turn))
          return false
        }
        state.free -= amount
        return true
      }
      if mayStart { turn.resume() }
    }
  }

  package func release(_ amount: Int) {
    let amount = share(amount)
    let next = state.withLock { state in
      state.free += amount
      var next: [CheckedContinuation<Void, Never>] = []
      while let first = state.waiting.first, first.amount <= state.free {
        state.free -= first.amount
        next.append(first.turn)
        state.waiting.removeFirst()
      }
      return next
    }
    for turn in next { turn.resume() }
  }

  private func share(_ amount: Int) -> Int { max(1, min(amount, total)) }
}

/// What pictures under way share.
package struct Resources: Sendable {
  /// Threads that compute.
  package let threads: Budget
  /// Bytes.
  package let memory: Budget
  /// Files being read and decoded at a time.
  package let loading: Budget
  /// Pictures being encoded and written at a time.
  package let saving: Budget
  /// Files that have got their memory and are on their way.
  let filesUnderWay = Counter()

  /// What the plan and the results keep of a file, in bytes, as measured with names of 25 bytes.
  private static let recordSize = 2_000

  /// - Parameters:
  ///   - threads: nil for all cores.
  ///   - memory: in bytes; nil for half of what the machine has, or its container.
  ///   - files: of the plan. What is known of them is in the memory too; the pictures get the rest, half of it at least.
  package init(threads: Int? = nil, memory: Int? = nil, files: Int = 0) {
    let threads = max(1, threads ?? coreCount())
    self.threads = Budget(threads)
    let memory = max(1, memory ?? usableMemory() / 2)
    self.memory = Budget(max(memory - files * Self.recordSize, (memory + 1) / 2))
    loading = Budget(max(2, threads / 4))
    saving = Budget(max(2, threads / 4))
  }
}

/// A number that many tasks change.
final class Counter: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .relaxed) }
  func increment() { number.add(1, ordering: .relaxed) }
  func decrement() { number.subtract(1, ordering: .relaxed) }
}
