package import Ledger
import Stages
import Synchronization

/// SHA-256 over the weights and other files that the stages of an output have loaded: computed when it is first asked
/// for, since a run without a ledger and without provenance never does and a small picture is done sooner than the weights
/// are hashed.
package final class ModelDigest: Sendable {
  private let stages: StagePipeline
  private let known = Mutex<SHA256.Digest?>(nil)
  private let knownWeights = Mutex<String??>(nil)

  init(_ stages: StagePipeline) {
    self.stages = stages
  }

  /// SHA-256 of each network's weights, as `sha256:` and hexadecimal digits, in order; nil if there are none.
  package var weights: String? {
    knownWeights.withLock { known in
      if let known { return known }
      let contents = stages.steps.compactMap { ($0.stage as? Upscale)?.weights }
      let text = contents.map { "sha256:\(SHA256.digest($0))" }.joined(separator: " ")
      let result = text.isEmpty ? nil : text
      known = result
      return result
    }
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
