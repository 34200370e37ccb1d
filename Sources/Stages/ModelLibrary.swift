public import Acuity
import Synchronization

/// The models of a process or a job: each is made when a stage first asks for it, and shared by all that ask again.
public final class ModelLibrary: Sendable {
  private struct Key: Hashable {
    var name: [UInt8]?
    var algorithm: Network.Algorithm
  }

  private let registry: ModelRegistry
  private let instructionSet: InstructionSet?
  private let defaultModel: [UInt8]?
  private let models: Mutex<[Key: any LumaModel]>

  /// A library in which no model is made yet.
  ///
  /// - Parameters:
  ///   - registry: the models that have a name.
  ///   - instructionSet: what to compute with; nil for what the environment variable `ACUITY_ISA` names, else the best that the
  ///     machine has.
  ///   - defaultModel: the name or path of the model that stages get which name none, as bytes, which need not be UTF-8; nil for
  ///     the catalog's default.
  public init(
    registry: ModelRegistry = .builtIn, instructionSet: InstructionSet? = nil, defaultModel: [UInt8]? = nil
  ) {
    self.registry = registry
    self.instructionSet = instructionSet
    self.defaultModel = defaultModel
    models = Mutex([:])
  }

  /// With the catalog's default model ready already.
  package init(ready network: Network) {
    registry = .builtIn
    instructionSet = network.instructionSet
    defaultModel = nil
    models = Mutex([Key(name: nil, algorithm: .auto): network])
  }

  /// Refuses a default model that was named and does not exist or is damaged, also where no stage has asked for it. None is made.
  /// - Throws: as `ModelRegistry.weights`.
  package func checkDefault() throws {
    guard let defaultModel, registry.code(defaultModel) == nil,
      models.withLock({ models in !models.keys.contains { $0.name == defaultModel } })
    else { return }
    _ = try registry.weights(defaultModel)
  }

  /// The names or paths and the algorithms of the models that were made so far, for tests.
  package var made: Set<String> {
    models.withLock { models in
      Set(
        models.keys.map {
          "\($0.name.map { String(decoding: $0, as: UTF8.self) } ?? "default") \($0.algorithm)"
        })
    }
  }

  /// A model by its name or path; nil for the default.
  /// - Throws: as `ModelRegistry.model`.
  /// - Complexity: for a network, one read of the file and a few passes over the weights, the first time; others wait for it.
  package func model(_ name: [UInt8]?, algorithm: Network.Algorithm = .auto) throws -> any LumaModel {
    try models.withLock { models in
      let key = Key(name: name ?? defaultModel, algorithm: algorithm)
      if let model = models[key] { return model }
      let model = try registry.model(
        pathBytes: key.name,
        ModelRegistry.Choices(instructionSet: instructionSet, algorithm: algorithm))
      models[key] = model
      return model
    }
  }
}
