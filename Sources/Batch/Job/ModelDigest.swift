package import Ledger
import Stages
import Synchronization

/// SHA-256 over the weights and other files that the stages of an output have loaded: computed when it is first asked
/// for, since a run without a ledger never does and a small picture is done sooner than the weights are hashed.
package final class ModelDigest: Sendable {
  private let stages: StagePipeline
  private let known = Mutex<SHA256.Digest?>(nil)

  init(_ stages: StagePipeline) {
    self.stages = stages
  }

  package var value: SHA256.Digest {
    known.withLock { known in
      if let known { return known }
      let digest = SHA256.digest(stages.loadedContent)
      known = digest
      return digest
    }
  }
}
