public import Acuity
import Synchronization

/// The networks of a process or a job: a model is loaded and packed when a stage first asks for it, and shared by all
/// that ask again.
public final class NetworkLibrary: Sendable {
  private struct Key: Hashable {
    var model: [UInt8]?
    var algorithm: Network.Algorithm
  }

  private let instructionSet: InstructionSet?
  private let preset: Model?
  private let networks: Mutex<[Key: Network]>

  /// - Parameters:
  ///   - instructionSet: what to compute with; nil for the best that the machine has.
  ///   - model: what stages get that name none; nil for the catalog's default, loaded when it is needed.
  public init(instructionSet: InstructionSet? = nil, defaultModel model: Model? = nil) {
    self.instructionSet = instructionSet
    preset = model
    networks = Mutex([:])
  }

  /// With a network that is ready already: what stages get that name neither a model nor an algorithm.
  package init(default network: Network) {
    instructionSet = network.instructionSet
    preset = network.model
    networks = Mutex([Key(model: nil, algorithm: .auto): network])
  }

  /// The network of a model.
  ///
  /// `model` is a name of the catalog or a path, which need not be UTF-8; nil for the default.
  /// - Throws: `ModelError`, `InstructionSetError`.
  /// - Complexity: One read of the file and a few passes over the weights, the first time; others wait for it.
  func network(_ model: [UInt8]?, algorithm: Network.Algorithm = .auto) throws -> Network {
    try networks.withLock { networks in
      let key = Key(model: model, algorithm: algorithm)
      if let network = networks[key] { return network }
      let loaded = if model == nil, let preset { preset } else { try ModelCatalog.load(pathBytes: model) }
      let network = try Network(loaded, instructionSet: instructionSet, algorithm: algorithm)
      networks[key] = network
      return network
    }
  }
}
