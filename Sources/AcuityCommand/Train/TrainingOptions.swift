import ArgumentParser
import Training

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
      How pictures are made worse, in order: bicubic=2,3,4 blur=0-1 noise=0-5 jpeg=30-95. Scales are 2 to 8, one given \
      twice is learned from twice as often; blur is 0 to 8 pixels, noise 0 to 75 levels of 255, quality 1 to 100.
      """)
  var degrade: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Also learn from pictures reduced by these factors, more than 0 and at most 1, e.g. 1 0.7."
  )
  var reduce: [Double] = []

  @Option(help: "Side of the patches in pixels, 8 to 512.")
  var patch: Int?

  @Option(help: "Patches in a batch, 1 to 4096.")
  var batch: Int?

  @Option(help: "The highest learning rate.")
  var rate: Float?

  @Option(help: "Pixels at the edge of a patch that do not count.")
  var border: Int?

  @Option(help: "Take the hardest of so many random patches, 1 to 64.")
  var hardest: Int?

  @Option(help: "Weight of the past in the average of the weights, 0 to less than 1.")
  var averaging: Float?

  @Option(help: "What makes steps of gradients, with its usual settings.")
  var optimizer: OptimizerChoice?

  @Option(help: "What errors cost.")
  var loss: LossChoice?

  @Option(
    help: "What keeps gradients small: none, elements=THETA, variables=THETA or global=NORM.",
    transform: Optimizer.Clipping.init(argument:))
  var clip: Optimizer.Clipping?

  @Option(help: "How the learning rate changes in the course of the run.")
  var schedule: ScheduleChoice?

  @Option(
    help: "Part of the run, 0 to 1, in which the constant schedule decays to zero; of that schedule alone.")
  var decay: Double?

  @Option(help: "How the network begins: as published (he), or as bicubic interpolation (identity).")
  var initialization: Parameters.Initialization?

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
    if let optimizer { recipe.method = optimizer.method }
    if let loss { recipe.loss = loss.loss }
    if let clip { recipe.clipping = clip }
    if let initialization { recipe.initialization = initialization }
    if let schedule { recipe.schedule = schedule.schedule }
    if let decay { try setDecay(decay, of: &recipe.schedule) }
    try recipe.validate()
  }

  private func setDecay(_ decay: Double, of schedule: inout Schedule) throws {
    guard decay > 0, decay <= 1 else { throw ValidationError("--decay is more than 0 and at most 1") }
    guard case .constantThenDecay(let warmUp, _) = schedule else {
      throw ValidationError(
        "--decay is of the constant schedule alone: add --schedule constant, or leave it out")
    }
    schedule = .constantThenDecay(warmUp: warmUp, decay: decay)
  }
}
