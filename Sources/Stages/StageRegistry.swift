/// The stages that a job may use: a value, so that two jobs in one process may know different ones.
public struct StageRegistry: Sendable {
  /// What the registry knows of a stage.
  public struct Entry: Sendable {
    /// What the user types; see `DeclaredStage.name`.
    public let name: String
    /// One line for people.
    public let summary: String
    /// All options that the stage knows.
    public let options: [StageOption]
    /// The shared library that the stage comes from; nil for a built-in one.
    public let plugIn: String?
    let make: @Sendable (StageOptions, StageEnvironment) throws -> any Stage

    /// A stage whose table is known at run time only; `make` gets options that are checked against it.
    public init(
      name: String, summary: String, options: [StageOption], plugIn: String? = nil,
      make: @escaping @Sendable (StageOptions, StageEnvironment) throws -> any Stage
    ) {
      self.name = name
      self.summary = summary
      self.options = options
      self.plugIn = plugIn
      self.make = make
    }
  }

  /// In the order of registration.
  public private(set) var entries: [Entry] = []

  /// An empty registry.
  public init() {}

  /// Adds a stage.
  /// - Throws: `StageError.duplicateStage`, or `brokenPromise` if the stage's name isn't one.
  public mutating func register(_ stage: (some DeclaredStage).Type) throws(StageError) {
    try register(
      Entry(name: stage.name, summary: stage.summary, options: stage.options) { options, environment in
        try stage.init(options: options, environment: environment)
      })
  }

  /// Adds a stage whose table isn't known before run time.
  /// - Throws: as `register(_:)` for a type.
  public mutating func register(_ entry: Entry) throws(StageError) {
    guard isName(entry.name) else {
      throw .brokenPromise(stage: entry.name, reason: "has a name that isn't made of a-z, 0-9 and '-'")
    }
    guard self[entry.name] == nil else { throw .duplicateStage(name: entry.name) }
    entries.append(entry)
  }

  /// The stage of this name; nil if there is none.
  public subscript(name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  /// The stage of this name.
  /// - Throws: `StageError.unknownStage` that says which there are.
  public func entry(named name: String) throws(StageError) -> Entry {
    if let entry = self[name] { return entry }
    let known = entries.map(\.name)
    throw .unknownStage(name: name, suggestion: nearestName(to: name, among: known), known: known)
  }

  /// Checks one request against its stage's table, without making the stage.
  /// - Throws: `StageError` that says what is allowed.
  public func check(_ request: StageRequest) throws(StageError) -> (entry: Entry, options: StageOptions) {
    let entry = try entry(named: request.name)
    let options = try StageOptions(stage: entry.name, table: entry.options, given: request.settings)
    return (entry, options)
  }

  /// Makes the stages of a list; all are checked before the first is made, since making one may load a model.
  /// - Throws: `StageError`; `ModelError` if a stage names a model that can't be used.
  public func pipeline(_ requests: [StageRequest], environment: StageEnvironment) throws -> StagePipeline {
    let checked = try requests.map { try check($0) }
    return StagePipeline(
      steps: try checked.map { entry, options in
        StagePipeline.Step(name: entry.name, stage: try entry.make(options, environment))
      })
  }

  /// Parses the text of `--stages` and makes its stages.
  ///
  /// - Throws: as `StageRequest.parse(_:)` and `pipeline(_:environment:)`.
  public func pipeline(parsing text: String, environment: StageEnvironment) throws -> StagePipeline {
    try pipeline(try StageRequest.parse(text), environment: environment)
  }
}

extension StageRegistry {
  /// The stages that come with Acuity. A new one is a file of its own and a line here.
  public static var builtIn: StageRegistry {
    var registry = StageRegistry()
    registry.add(Upscale.self)
    registry.add(Resize.self)
    registry.add(Sharpen.self)
    registry.add(Denoise.self)
    registry.add(Grayscale.self)
    registry.add(Flatten.self)
    registry.add(StripMetadata.self)
    registry.add(Watermark.self)
    return registry
  }

  /// Registers a stage whose name is known to be good and new.
  private mutating func add(_ stage: (some DeclaredStage).Type) {
    do { try register(stage) } catch { preconditionFailure("\(error)") }
  }
}
