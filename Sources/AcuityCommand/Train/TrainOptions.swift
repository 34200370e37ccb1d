import ArgumentParser
import Folders
import Training

/// What is trained.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Layers of the network.")
  var depth: Int?

  @Option(help: "Channels between the layers.")
  var width: Int?

  @Option(
    help:
      "Start from this model, or the newest checkpoint of this --work folder; a smaller one is grown, without changing what it computes.",
    completion: .file())
  var initial: Path?

  /// The last part of its path, which is what the recipe keeps.
  var initialName: String? { initial.map { escaped(splitPath($0.bytes).1) } }

  func apply(to recipe: inout Recipe) {
    if let depth { recipe.depth = depth }
    if let width { recipe.width = width }
    if let initialName { recipe.initial = initialName }
  }
}

/// How it is trained: what differs from the recipe.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Run for so many steps.")
  var steps: Int?

  @Option(help: "Run for so many epochs.")
  var epochs: Int?

  @Option(help: "Run for so many minutes of wall time; not reproducible, but it ends in time.")
  var minutes: Double?

  @Option(
    parsing: .upToNextOption,
    help: """
      How pictures are made worse, in order: bicubic=2,3,4 blur=0-1 noise=0-5 jpeg=30-95. A scale given twice is learned \
      from twice as often.
      """)
  var degrade: [String] = []

  @Option(parsing: .upToNextOption, help: "Also learn from pictures reduced by these factors, e.g. 1 0.7.")
  var reduce: [Double] = []

  @Option(help: "Side of the patches in pixels.")
  var patch: Int?

  @Option(help: "Patches in a batch.")
  var batch: Int?

  @Option(help: "The highest learning rate.")
  var rate: Float?

  @Option(help: "Pixels at the edge of a patch that do not count.")
  var border: Int?

  @Option(help: "Take the hardest of so many random patches.")
  var hardest: Int?

  @Option(help: "Weight of the past in the average of the weights, 0 to less than 1.")
  var averaging: Float?

  @Option(help: "sgd, adam or muon, with their usual settings.")
  var optimizer: String?

  @Option(help: "squared, charbonnier or logarithmic.")
  var loss: String?

  @Option(help: "none, elements=THETA, variables=THETA or global=NORM.")
  var clip: String?

  @Option(help: "constant, cosine, one-cycle or steps.")
  var schedule: String?

  @Option(
    help: "Part of the run, 0 to 1, in which the constant schedule decays to zero; of that schedule alone.")
  var decay: Double?

  @Option(help: "he or identity.")
  var initialization: String?

  @Option(help: "Where the random numbers start.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Hold every N-th picture out, to measure on and to choose the best of all measured steps by; with 0 none: it is then measured on pictures that it learns from, and the model is that of the last step.",
      valueName: "n"))
  var holdOut: Int?

  func validate() throws {
    let lengths = [("--steps", steps != nil), ("--epochs", epochs != nil), ("--minutes", minutes != nil)]
      .filter(\.1).map(\.0)
    if lengths.count > 1 {
      throw ValidationError(
        "\(lengths.joined(separator: " and ")) each say when the run ends: give one of them")
    }
  }

  func apply(to recipe: inout Recipe) throws {
    if let steps { recipe.length = .steps(steps) }
    if let epochs { recipe.length = .epochs(epochs) }
    if let minutes { recipe.length = .minutes(minutes) }
    if !degrade.isEmpty { recipe.degradations = degrade }
    if !reduce.isEmpty { recipe.reductions = reduce }
    if let patch { recipe.patch = patch }
    if let batch { recipe.batch = batch }
    if let rate { recipe.rate = rate }
    if let border { recipe.border = border }
    if let hardest { recipe.sampling = .random(candidates: hardest) }
    if let averaging { recipe.averaging = averaging }
    if let seed { recipe.seed = seed }
    if let holdOut { recipe.holdOut = holdOut }
    try applyNames(to: &recipe)
    try recipe.validate()
  }

  private func applyNames(to recipe: inout Recipe) throws {
    switch optimizer {
    case nil: break
    case "sgd": recipe.method = .sgd(momentum: 0.9)
    case "adam": recipe.method = .adam(beta1: 0.9, beta2: 0.99)
    case "muon": recipe.method = .muon(momentum: 0.95, adamRate: 0.1)
    case .some(let name): throw ValidationError("there is no optimizer \"\(name)\"")
    }
    switch loss {
    case nil: break
    case "squared": recipe.loss = .squared
    case "charbonnier": recipe.loss = .charbonnier(width: 0.01)
    case "logarithmic": recipe.loss = .logarithmic(floor: 2e-5)
    case .some(let name): throw ValidationError("there is no loss \"\(name)\"")
    }
    switch schedule {
    case nil: break
    case "constant": recipe.schedule = .constantThenDecay(warmUp: 0.02, decay: 0.5)
    case "cosine": recipe.schedule = .cosine(warmUp: 0.03)
    case "one-cycle": recipe.schedule = .oneCycle(peak: 0.3)
    case "steps": recipe.schedule = .steps(fraction: 0.25, factor: 10)
    case .some(let name): throw ValidationError("there is no schedule \"\(name)\"")
    }
    if let decay {
      guard decay > 0, decay <= 1 else { throw ValidationError("--decay is more than 0 and at most 1") }
      guard case .constantThenDecay(let warmUp, _) = recipe.schedule else {
        throw ValidationError(
          "--decay is of the constant schedule alone: add --schedule constant, or leave it out")
      }
      recipe.schedule = .constantThenDecay(warmUp: warmUp, decay: decay)
    }
    if let initialization {
      guard let known = Parameters.Initialization(rawValue: initialization) else {
        throw ValidationError("there is no initialization \"\(initialization)\"")
      }
      recipe.initialization = known
    }
    if let clip { recipe.clipping = try clipping(clip) }
  }

  private func clipping(_ text: String) throws -> Optimizer.Clipping {
    if text == "none" { return .none }
    let parts = text.split(separator: "=")
    if parts.count == 2, let bound = Float(parts[1]), bound > 0, bound.isFinite {
      switch parts[0] {
      case "elements": return .elements(theta: bound)
      case "variables": return .variableNorm(theta: bound)
      case "global": return .globalNorm(bound)
      default: break
      }
    }
    throw ValidationError(
      "--clip is none, elements=THETA, variables=THETA or global=NORM, of a positive number, not \"\(Text.safe(text))\""
    )
  }
}
