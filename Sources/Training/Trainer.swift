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
  /// The best that was measured; the first values where nothing was.
  package private(set) var best: Milestone
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
  private let samples: UInt64
  private let threads: Int
  /// Of the last step.
  private var lastBatch: [PatchPlace] = []
  private var secondsBefore = 0.0
  private var clock = ContinuousClock.now

  /// Averaged values at some step, and how good they were found.
  package struct Milestone: Sendable, Hashable {
    package var values: [Float]
    package var step: Int
    /// Mean over the variants; nil where it was not measured.
    package var psnr: Double?
  }

  /// Starts from `initial` instead of the recipe's initialization if there is one; a smaller network is grown.
  package init(
    recipe: Recipe, set: TrainingSet, initial: Parameters? = nil, threads: Int,
    instructionSet: InstructionSet = .best
  ) throws(TrainingError) {
    try recipe.validate()
    self.recipe = recipe
    self.threads = threads
    samples = set.fingerprint
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
    best = Milestone(values: parameters.values, step: 0, psnr: nil)
    optimizer = Optimizer(recipe)
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

  /// One step, whole or not at all.
  /// - Throws: `.notFinite`, naming the batch, if the loss, the gradient or anything that would come of them is no number;
  ///   the state is that before the step.
  package func advance() throws(TrainingError) {
    let rate = rate
    var sampler = sampler
    let places = sampler.next(recipe.batch)
    let (side, border) = (recipe.patch, recipe.border)
    let counted = recipe.sumsPixels ? 1 : (side - 2 * border) * (side - 2 * border)
    let losses = engine.evaluate(
      parameters, batch: recipe.batch, loss: recipe.loss, border: border,
      weight: 1 / Float(recipe.batch * counted)
    ) { [training] index, input, truth in
      training.fill(places[index], side: side, input: input, truth: truth)
    }
    let loss = losses.reduce(0, +)
    var gradient = engine.gradient
    let norm = euclideanNorm(gradient[...])
    var (values, average, optimizer) = (parameters.values, self.average, self.optimizer)
    optimizer.step(&values, gradient: &gradient, rate: rate, threads: threads)
    follow(&average, values, step: step + 1)
    let arrays = [values, average, optimizer.first, optimizer.second]
    guard loss.isFinite, norm.isFinite, arrays.allSatisfy(\.areFinite) else {
      let culprits = zip(places, losses).filter { !$0.1.isFinite }.map(\.0)
      throw notFinite(culprits.isEmpty ? places : culprits)
    }
    (parameters.values, self.average, self.optimizer, self.sampler) = (values, average, optimizer, sampler)
    (self.loss, gradientNorm, lastBatch) = (loss, norm, places)
    step += 1
    patches += recipe.batch
    lossSum += loss
    normSum += norm
    sumCount += 1
  }

  private func notFinite(_ places: [PatchPlace]) -> TrainingError {
    .notFinite(step: step, rate: rate, batch: places.map(sampler.name))
  }

  /// A young average is short, so that it does not drag the start along: after n steps the past weighs n / (n + 10), about a
  /// tenth of the run so far, until that is more than the recipe's weight.
  private func follow(_ average: inout [Float], _ values: [Float], step: Int) {
    let keep = min(recipe.averaging, Float(step) / Float(step + 10))
    if recipe.averaging == 0 {
      average = values
      return
    }
    values.withUnsafeBufferPointer { values in
      average.withUnsafeMutableBufferPointer { average in
        for i in average.indices { average[i] += (1 - keep) * (values[i] - average[i]) }
      }
    }
  }

  /// Goes back to the best values that were measured, without momentum, when a step has come out as no number: steps before it
  /// have spoiled the values already, and a run that goes on from them, at however low a rate, does no better. Steps, time and
  /// history go on.
  package func rewind() {
    parameters.values = best.values
    average = best.values
    optimizer = Optimizer(recipe)
    (lossSum, normSum, sumCount) = (0, 0, 0)
  }

  // MARK: - Results

  /// Measures the averaged weights on the held-out pictures, keeps them if they are the best so far, and adds a row to the
  /// history.
  /// - Throws: `.notFinite`, naming the last batch, if the network's output is no number; nothing is kept of that.
  @discardableResult
  package func measure() throws(TrainingError) -> History.Row {
    let count = sumCount > 0 ? Double(sumCount) : nil
    let row = History.Row(
      step: step, epoch: epoch, seconds: seconds, patches: patches, loss: count.map { lossSum / $0 },
      rate: Double(rate), gradientNorm: count.map { normSum / $0 },
      psnr: validation.measure(Parameters(shape: parameters.shape, values: average)))
    guard row.meanPSNR.isFinite else { throw notFinite(lastBatch) }
    if row.meanPSNR > best.psnr ?? -.infinity {
      best = Milestone(values: average, step: step, psnr: row.meanPSNR)
    }
    history.rows.append(row)
    (lossSum, normSum, sumCount) = (0, 0, 0)
    return row
  }

  /// What the run has come to: the best that was measured. Without held-out pictures the last: what is best at pictures that it
  /// learns from is not known to be best at any other.
  package var result: Milestone {
    guard measuresOnTraining else { return best }
    let row = history.rows.last
    return Milestone(values: average, step: step, psnr: row?.step == step ? row?.meanPSNR : nil)
  }

  /// Whether the run is no better than interpolation though a tenth of it is done: nothing is being learned.
  package var isStuck: Bool {
    guard progress > 0.1 || step >= Self.stepsToLearn, let row = history.rows.last else { return false }
    return zip(row.psnr, history.baseline).allSatisfy { $0 < $1 + Self.gain }
  }

  /// Whether the values are still about those that the recipe begins with, as at a rate that is too low to move them. Of a run
  /// that began with another model's it is not known, and not said.
  package var hasHardlyMoved: Bool {
    guard recipe.initial == nil else { return false }
    var random = RandomSource(seed: recipe.seed)
    let first = Parameters(shape: recipe.shape, initialization: recipe.initialization, random: &random).values
    let way = zip(parameters.values, first).map { $0 - $1 }
    return euclideanNorm(way[...]) < 0.01 * euclideanNorm(first[...])
  }

  /// Of a run so long that a tenth of it is hours: a sound one is past interpolation within hundreds of steps.
  private static let stepsToLearn = 2_000
  /// dB. A network that has learned to do nothing has interpolation's PSNR but for the rounding; one that learns is soon tenths
  /// above it.
  private static let gain = 0.05

  // MARK: - Checkpoints

  package func checkpoint() -> Checkpoint {
    Checkpoint(
      state: Checkpoint.State(
        recipe: recipe, step: step, patches: patches, seconds: seconds, random: sampler.random,
        gridSeed: sampler.gridSeed, gridPosition: sampler.gridPosition, optimizerSteps: optimizer.steps,
        history: history, lossSum: lossSum, normSum: normSum, sumCount: sumCount, bestPSNR: best.psnr,
        bestStep: best.step, counts: [], samples: samples),
      values: parameters.values, average: average, first: optimizer.first, second: optimizer.second,
      best: best.values)
  }

  /// Goes on from a checkpoint of a run with the same network, pictures and degradations; the length, the rate and the schedule
  /// may differ. Other patches of a grid begin a new epoch.
  package func restore(_ checkpoint: Checkpoint, file: String) throws(TrainingError) {
    let state = checkpoint.state
    // Before the pictures, which are cropped to suit the degradations.
    guard state.recipe.degradations == recipe.degradations, state.recipe.reductions == recipe.reductions,
      state.history.variants == history.variants
    else {
      throw .checkpoint(
        file: file, "was trained on \(state.recipe.data); start anew in another folder for others")
    }
    guard state.recipe.shape == recipe.shape, state.recipe.method == recipe.method,
      checkpoint.values.count == parameters.values.count, checkpoint.average.count == average.count,
      checkpoint.best.count == best.values.count, checkpoint.first.count == optimizer.first.count,
      checkpoint.second.count == optimizer.second.count
    else { throw .checkpoint(file: file, "is of another network or optimizer; start anew in another folder") }
    guard let samples = state.samples else {
      throw .checkpoint(
        file: file,
        "was written by an older trainer, which did not note what its pictures show; start anew in another folder, from "
          + "these values by --initial")
    }
    guard samples == self.samples else {
      throw .checkpoint(
        file: file,
        "was trained on other pictures; give the same ones in the same order, and the same --patch and --max-memory, which "
          + "leave some out")
    }
    let continuesGrid = state.recipe.patch == recipe.patch && state.recipe.sampling == recipe.sampling
    guard !continuesGrid || state.gridPosition <= sampler.epochLength ?? 0 else {
      throw .checkpoint(
        file: file,
        "makes no sense: it is at patch \(state.gridPosition) of an epoch of \(sampler.epochLength ?? 0)")
    }
    parameters.values = checkpoint.values
    average = checkpoint.average
    best = Milestone(values: checkpoint.best, step: state.bestStep ?? 0, psnr: state.bestPSNR)
    optimizer.restore(steps: state.optimizerSteps, first: checkpoint.first, second: checkpoint.second)
    if continuesGrid {
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

extension Optimizer {
  fileprivate init(_ recipe: Recipe) {
    self.init(
      shape: recipe.shape, method: recipe.method, clipping: recipe.clipping, weightDecay: recipe.weightDecay)
  }
}

extension [Float] {
  /// Whether all of them are numbers.
  var areFinite: Bool { allSatisfy { $0.isFinite } }
}

extension TrainingSet {
  /// Of the numbers, by which they are held out, the names, the sizes and all samples, a word at a time: tenths of a second
  /// for hundreds of photographs.
  fileprivate var fingerprint: UInt64 {
    pictures.reduce(checksum([])) { sum, picture in
      let name =
        "\(picture.source) \(URL(filePath: picture.name).lastPathComponent) \(picture.width) \(picture.height)\n"
      return picture.truth.withUnsafeBufferPointer { samples in
        var sum = checksum(Array(name.utf8)[...], after: sum)
        for sample in samples { sum = checksum(UInt64(sample.bitPattern), after: sum) }
        return sum
      }
    }
  }
}
