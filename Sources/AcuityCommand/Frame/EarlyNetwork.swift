import Acuity
import Dispatch
import Synchronization

/// The usual network, made ready while the arguments are still being parsed: for a small picture, either takes as long as
/// enlarging it.
enum EarlyNetwork {
  private static let making = DispatchGroup()
  private static let made = Mutex<Result<Network, any Error>?>(nil)

  /// Whether a run with these arguments takes the usual network, as far as can be told before they are parsed.
  static func isLikely(for arguments: [String]) -> Bool {
    EarlyStart.isUpscale(arguments, without: ["--model", "--isa", "--algorithm", "--stages"])
  }

  /// Begins to make it beside the caller, on a thread of its own; parsing and decoding, which the network waits for too, come
  /// first.
  static func begin() {
    let queue = DispatchQueue(label: "acuity.early-network", qos: .yielding)
    queue.async(group: making) {
      let network = Result { try Network(ModelRegistry.builtIn.weights(nil), packsBeside: true) }
      made.withLock { $0 = network }
    }
    // Control groups' files are read for this once; the plan asks soon.
    queue.async { _ = coreCount() }
  }

  /// Waits for what was begun.
  /// - Returns: nil if nothing was.
  /// - Throws: `ModelError`, `InstructionSetError`.
  static func network() throws -> Network? {
    making.wait()
    return try made.withLock { $0 }?.get()
  }
}
