public import Convolution
public import SuperResolution

/// The models that a job may name: a value, so that two jobs in one process may know different ones.
///
/// Beside those registered, every weights file that ``ModelCatalog`` knows by name is a model, and every other by its path. A file
/// in one of the catalog's folders goes before a model that is registered under its name.
public struct ModelRegistry: Sendable {
  /// How a model is to compute; one to which a choice says nothing passes over it.
  public struct Choices: Sendable {
    /// nil for what the environment variable `ACUITY_ISA` names, else the best that the machine has.
    public var instructionSet: InstructionSet?
    /// How convolutions are computed.
    public var algorithm: Network.Algorithm

    /// By default the fastest.
    public init(instructionSet: InstructionSet? = nil, algorithm: Network.Algorithm = .auto) {
      self.instructionSet = instructionSet
      self.algorithm = algorithm
    }
  }

  /// What the registry knows of a model.
  public struct Entry: Sendable {
    /// What the user types.
    public let name: String
    /// A phrase for people.
    public let summary: String
    /// nil for the network whose weights the catalog has under this name.
    let make: (@Sendable (Choices) throws -> any LumaModel)?

    /// A model that is made of code.
    public init(
      name: String, summary: String, make: @escaping @Sendable (Choices) throws -> any LumaModel
    ) {
      (self.name, self.summary, self.make) = (name, summary, make)
    }

    fileprivate init(weights name: String, summary: String) {
      (self.name, self.summary, make) = (name, summary, nil)
    }
  }

  /// In the order of registration.
  public private(set) var entries: [Entry] = []

  /// An empty registry.
  public init() {}

  /// Adds a model.
  /// - Throws: `ModelError.Cause.notRegistrable` if there is one of this name already, or if texts like it are paths.
  public mutating func register(_ entry: Entry) throws(ModelError) {
    func refusal(_ reason: String) -> ModelError {
      ModelError(file: entry.name, cause: .notRegistrable(reason: reason))
    }
    if entry.name.isEmpty || entry.name.contains(where: { "./".contains($0) }) {
      throw refusal("its name is empty, or has a '.' or '/' as paths have")
    }
    if self[entry.name] != nil { throw refusal("there is one of this name already") }
    entries.append(entry)
  }

  /// The registered model of this name; nil if there is none.
  public subscript(name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - nameOrPath: what is registered, or as for `ModelCatalog.load`; the default model if nil.
  ///   - choices: how it is to compute.
  /// - Returns: the model, ready to run.
  /// - Throws: `ModelError`: `.notFound` says which names there are; `InstructionSetError`; what the model's own code throws.
  public func model(_ nameOrPath: String? = nil, _ choices: Choices = Choices()) throws -> any LumaModel {
    try model(pathBytes: nameOrPath.map { Array($0.utf8) }, choices)
  }

  /// The same for a path that need not be UTF-8.
  package func model(pathBytes: [UInt8]?, _ choices: Choices = Choices()) throws -> any LumaModel {
    if let make = code(pathBytes)?.make { return try make(choices) }
    return try Network(
      weights(pathBytes), instructionSet: choices.instructionSet, algorithm: choices.algorithm)
  }

  /// The weights of a model that is a network.
  /// - Throws: `ModelError`: `.noWeights` for one that is not.
  package func weights(_ nameOrPath: [UInt8]?) throws(ModelError) -> Model {
    if let entry = code(nameOrPath) { throw ModelError(file: entry.name, cause: .noWeights) }
    return try ModelCatalog.load(pathBytes: nameOrPath, registered: entries.map(\.name))
  }

  /// The model of this name if it is made of code, and no file's.
  package func code(_ name: [UInt8]?) -> Entry? {
    guard let name, let entry = self[String(decoding: name, as: UTF8.self)], entry.make != nil,
      ModelCatalog.file(of: name) == nil
    else { return nil }
    return entry
  }
}

extension ModelRegistry {
  /// The models that come with Acuity. A new one is a file of its own and a line here.
  public static var builtIn: ModelRegistry {
    var registry = ModelRegistry()
    registry.add(Entry(weights: "vdsr", summary: "the default"))
    registry.add(Entry(weights: "fast", summary: "small, for previews"))
    registry.add(
      Entry(name: "ensemble", summary: "the default's mean over eight orientations, in eight times the time")
      {
        SelfEnsemble(try ModelRegistry.builtIn.model(nil, $0))
      })
    registry.add(Entry(name: "bicubic", summary: "interpolation alone, without a network") { _ in Bicubic() })
    return registry
  }

  /// Registers a model whose name is known to be good and new.
  private mutating func add(_ entry: Entry) {
    do { try register(entry) } catch { preconditionFailure("\(error)") }
  }

  /// All names with their summaries, for the help of options that take one.
  package var help: String { entries.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ") }
}
