package import Convolution
import Foundation
import Pixels

/// One training run: draws batches, steps, measures, and can be stopped and continued anywhere, bit for bit.
package final class Trainer {
  package let recipe: Recipe
  package let training: TrainingSet
  package let validation: Validation
  /// Whether no pictures are held out, so that it is measured on those that it learns from.
  package let measuresOnTraining: Bool
  package let engine: GradientEngine
  package private(set) var parameters: Parameters
  /// The moving average of the values; the values themselves where the recipe has no averaging.
  package private(set) var average: [Float]
  package private(set) var best: [Float]
  package private(set) var bestPSNR: Double
  package private(set) var history: History
  package private(set) var step = 0
  package private(set) var patches = 0
  package private(set) var gradientNorm = 0.0
  package private(set) var loss = 0.0
  private var optimizer: Optimizer
  private var sampler: PatchSampler
  private var lossSum = 0.0
  private var normSum = 0.0
  private var sumCount = 0
  private let pictures: UInt64
  private var secondsBefore = 0.0
  private var clock = ContinuousClock.now

  /// Starts from `initial` instead of the recipe's initialization if there is one; a smaller network is grown.
  package init(
    recipe: Recipe, set: TrainingSet, initial: Parameters? = nil, threads: Int,
    instructionSet: InstructionSet = .best
  ) throws(TrainingError) {
    try recipe.validate()
    self.recipe = recipe
    pictures = set.fingerprint
    let split = TrainingSplit(set, holdingOutEvery: recipe.holdOut)
    (training, measuresOnTraining) = (split.training, split.measuresOnTraining)
    let shape = recipe.shape
    validation = Validation(
      split.measured, shape: shape, threads: threads, instructionSet: instructionSet)
    engine = GradientEngine(
      shape: shape, side: recipe.patch, batch: recipe.batch, threads: threads, instructionSet: instructionSet)
    var random = RandomSource(seed: recipe.seed)
    if let initial {
      parameters = initial.shape == shape ? initial : try initial.grown(to: shape, random: &random)
    } else {
      parameters = Parameters(shape: shape, initialization: recipe.initialization, random: &random)
    }
    average = parameters.values
    best = parameters.values
    bestPSNR = -.infinity
    optimizer = Optimizer(
      shape: shape, method: recipe.method, clipping: recipe.clipping, weightDecay: recipe.weightDecay)
    sampler = PatchSampler(training, sampling: recipe.sampling, side: recipe.patch, random: random)
    history = History(variants: set.variants, baseline: validation.baseline)
  }

  // MARK: - Progress

  /// Seconds of wall time spent on this run, those before it was continued included.
  package var seconds: Double { secondsBefore + Double((ContinuousClock.now - clock) / .seconds(1)) }

  /// Patches of an epoch: all of the grid, or a thousand steps where patches are drawn at random.
  package var epochLength: Int { sampler.epochLength ?? 1_000 * recipe.batch }
  package var epoch: Double { Double(patches) / Double(epochLength) }

  /// How much of the run is done, 0...1.
  package var progress: Double {
    switch recipe.length {
    case .epochs(let count): epoch / Double(count)
    case .steps(let count): Double(step) / Double(count)
    case .minutes(let minutes): seconds / (60 * minutes)
    }
  }

  package var isFinished: Bool { progress >= 1 }
  package var rate: Float { recipe.rate * Float(recipe.schedule(progress)) }

  // MARK: - Steps

  /// One step.
  /// - Throws: `.notFinite`, naming the batch; the values are those before it.
  package func advance() throws(TrainingError) {
    let rate = rate
    let places = sampler.next(recipe.batch)
    let (side, border) = (recipe.patch, recipe.border)
    let counted = recipe.sumsPixels ? 1 : (side - 2 * border) * (side - 2 * border)
    let losses = engine.evaluate(
      parameters, batch: recipe.batch, loss: recipe.loss, border: border,
      weight: 1 / Float(recipe.batch * counted)
    ) { [training] index, input, truth in
      training.fill(places[index], side: side, input: input, truth: truth)
    }
    loss = losses.reduce(0, +)
    var gradient = engine.gradient
    gradientNorm = euclideanNorm(gradient[...])
    guard loss.isFinite, gradientNorm.isFinite else {
      let culprits = zip(places, losses).filter { !$0.1.isFinite }.map(\.0)
      throw .notFinite(step: step, batch: (culprits.isEmpty ? places : culprits).map(sampler.name))
    }
    optimizer.step(&parameters.values, gradient: &gradient, rate: rate)
    step += 1
    patches += recipe.batch
    lossSum += loss
    normSum += gradientNorm
    sumCount += 1
    updateAverage()
  }

  /// A young average is short, so that it does not drag the start along.
  private func updateAverage() {
    let keep = min(recipe.averaging, Float(step) / Float(step + 10))
    if recipe.averaging == 0 {
      average = parameters.values
      return
    }
    parameters.values.withUnsafeBufferPointer { values in
      average.withUnsafeMutableBufferPointer { average in
        for i in average.indices { average[i] += (1 - keep) * (values[i] - average[i]) }
      }
    }
  }

  /// Measures the averaged weights on the held-out pictures, keeps them if they are the best so far, and adds a row to the
  /// history.
  @discardableResult
  package func measure() -> History.Row {
    let psnr = validation.measure(Parameters(shape: parameters.shape, values: average))
    let mean = psnr.reduce(0, +) / Double(max(psnr.count, 1))
    if mean > bestPSNR { (best, bestPSNR) = (average, mean) }
    let count = Double(max(sumCount, 1))
    let row = History.Row(
      step: step, epoch: epoch, seconds: seconds, patches: patches, loss: lossSum / count,
      rate: Double(rate), gradientNorm: normSum / count, psnr: psnr)
    history.rows.append(row)
    (lossSum, normSum, sumCount) = (0, 0, 0)
    return row
  }

  /// Whether the run is no better than interpolation though a tenth of it is done: nothing is being learned.
  package var isStuck: Bool {
    guard progress > 0.1 || step >= 2_000, let row = history.rows.last else { return false }
    return zip(row.psnr, history.baseline).allSatisfy { $0 < $1 + 0.05 }
  }

  // MARK: - Checkpoints

  package func checkpoint() -> Checkpoint {
    Checkpoint(
      state: Checkpoint.State(
        recipe: recipe, step: step, patches: patches, seconds: seconds, random: sampler.random,
        gridSeed: sampler.gridSeed, gridPosition: sampler.gridPosition, optimizerSteps: optimizer.steps,
        history: history, lossSum: lossSum, normSum: normSum, sumCount: sumCount,
        bestPSNR: bestPSNR.isFinite ? bestPSNR : -1,
        counts: [], pictures: pictures),
      values: parameters.values, average: average, first: optimizer.first, second: optimizer.second,
      best: best)
  }

  /// Goes on from a checkpoint of a run with the same network, pictures and degradations; the length, the rate and the schedule
  /// may differ. Other patches of a grid begin a new epoch.
  package func restore(_ checkpoint: Checkpoint, file: String) throws(TrainingError) {
    let state = checkpoint.state
    guard state.recipe.shape == recipe.shape, state.recipe.method == recipe.method,
      checkpoint.values.count == parameters.values.count, checkpoint.average.count == average.count,
      checkpoint.best.count == best.count, checkpoint.first.count == optimizer.first.count,
      checkpoint.second.count == optimizer.second.count
    else { throw .checkpoint(file: file, "is of another network or optimizer; start anew in another folder") }
    guard state.pictures == pictures else {
      throw .checkpoint(file: file, "was trained on other pictures; give the same folders in the same order")
    }
    guard state.recipe.degradations == recipe.degradations, state.history.variants == history.variants else {
      throw .checkpoint(
        file: file,
        "was trained on \(state.recipe.degradations.joined(separator: " ")); start anew in another folder for others"
      )
    }
    parameters.values = checkpoint.values
    average = checkpoint.average
    best = checkpoint.best
    bestPSNR = state.bestPSNR < 0 ? -.infinity : state.bestPSNR
    optimizer.restore(steps: state.optimizerSteps, first: checkpoint.first, second: checkpoint.second)
    if state.recipe.patch == recipe.patch, state.recipe.sampling == recipe.sampling {
      sampler.restore(random: state.random, gridSeed: state.gridSeed, gridPosition: state.gridPosition)
    } else {
      sampler = PatchSampler(training, sampling: recipe.sampling, side: recipe.patch, random: state.random)
    }
    history = state.history
    (step, patches) = (state.step, state.patches)
    (lossSum, normSum, sumCount) = (state.lossSum, state.normSum, state.sumCount)
    secondsBefore = state.seconds
    clock = .now
  }
}

extension TrainingSet {
  /// Of names and sizes.
  fileprivate var fingerprint: UInt64 {
    let texts = pictures.map { "\(URL(filePath: $0.name).lastPathComponent) \($0.width) \($0.height)\n" }
    return checksum(Array(texts.joined().utf8)[...])
  }
}
