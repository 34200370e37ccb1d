import Synchronization

/// A request's body that a worker reads little by little, by one thread at a time.
@safe final class WorkerBody: Sendable {
  private struct State {
    /// Bytes that are still to come.
    var rest: Int
    var problem: WorkerChannel.Problem?
  }

  private let input: Int32
  private let state: Mutex<State>

  init(_ channel: WorkerChannel, count: Int) {
    input = channel.input
    state = Mutex(State(rest: count))
  }

  /// Fills memory with what comes next; false where there is not so much, or nothing comes.
  func read(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.problem == nil, bytes.count <= state.rest else { return false }
      do throws(WorkerChannel.Problem) {
        try unsafe WorkerChannel(input: input, output: -1).read(bytes)
        state.rest -= bytes.count
      } catch {
        state.problem = error
      }
      return state.problem == nil
    }
  }

  /// Reads what nobody wants.
  /// - Throws: why the body was not read whole.
  func finish() throws(WorkerChannel.Problem) {
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let (rest, problem) = state.withLock { ($0.rest, $0.problem) }
      if let problem { throw problem }
      if rest == 0 { return }
      _ = unsafe room.withUnsafeMutableBytes { bytes in
        unsafe read(UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(rest, bytes.count)]))
      }
    }
  }
}
