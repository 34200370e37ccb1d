import Folders
import Foundation
import Pixels
import Testing

@testable import Training

@Suite struct TrainerTests {
  static let recipes: [Recipe] = {
    var adam = smallRecipe()
    adam.method = .adam(beta1: 0.9, beta2: 0.99)
    adam.rate = 0.001
    var paper = Recipe.paper
    (paper.depth, paper.width, paper.patch, paper.batch) = (3, 4, 16, 7)
    (paper.sampling, paper.length, paper.holdOut) = (.grid(stride: 16), .epochs(1), 4)
    return [smallRecipe(), adam, paper]
  }()

  @Test(arguments: recipes)
  func continuesBitForBit(_ recipe: Recipe) throws {
    let set = pictures(8)
    let whole = try Trainer(recipe: recipe, set: set, threads: 2)
    for _ in 0..<14 { try whole.advance() }
    try whole.measure()

    let first = try Trainer(recipe: recipe, set: set, threads: 1)
    for _ in 0..<6 { try first.advance() }
    let bytes = try first.checkpoint().serialized()
    // The other goes on after the checkpoint, as a run does that is killed later.
    try first.advance()
    let second = try Trainer(recipe: recipe, set: set, threads: 2)
    try second.restore(Checkpoint(bytes: bytes, file: "checkpoint"), file: "checkpoint")
    for _ in 0..<8 { try second.advance() }
    try second.measure()

    #expect(second.parameters == whole.parameters)
    #expect(second.average == whole.average)
    #expect(second.best == whole.best)
    var (a, b) = (whole.checkpoint(), second.checkpoint())
    // Time goes on differently.
    for row in a.state.history.rows.indices {
      a.state.history.rows[row].seconds = 0
      b.state.history.rows[row].seconds = 0
    }
    (a.state.seconds, b.state.seconds) = (0, 0)
    #expect(a == b)
  }

  @Test func learns() throws {
    var recipe = smallRecipe()
    recipe.length = .steps(600)
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 2)
    while !trainer.isFinished { try trainer.advance() }
    let row = try trainer.measure()
    #expect(trainer.step == 600)
    #expect(row.psnr.count == trainer.history.baseline.count && !row.psnr.isEmpty)
    for (psnr, bicubic) in zip(row.psnr, trainer.history.baseline) { #expect(psnr > bicubic + 1) }
    #expect(!trainer.isStuck)
  }

  @Test func noticesThatNothingIsLearned() throws {
    var recipe = smallRecipe()
    recipe.rate = 1e-20
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 2)
    try trainer.measure()
    #expect(!trainer.isStuck)
    while trainer.progress < 0.2 { try trainer.advance() }
    try trainer.measure()
    #expect(trainer.isStuck && trainer.hasHardlyMoved)
  }

  @Test func noticesThatItIsStuckThoughItMoves() throws {
    var recipe = smallRecipe()
    recipe.rate = 10
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 2)
    while trainer.progress < 0.2 { try trainer.advance() }
    try trainer.measure()
    #expect(trainer.isStuck && !trainer.hasHardlyMoved)
  }

  @Test func stopsAtNoNumberAndNamesTheBatch() throws {
    var set = pictures(8)
    var bad = set.pictures[3]
    bad = TrainingSet.Picture(
      name: "bad", source: bad.source, isReduced: false, width: bad.width, height: bad.height,
      truth: bad.truth.map { _ in .nan }, inputs: bad.inputs)
    set = TrainingSet(pictures: set.pictures.map { $0.source == 3 ? bad : $0 }, variants: set.variants)
    let trainer = try Trainer(recipe: smallRecipe(), set: set, threads: 2)
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished { try trainer.advance() }
    }
    guard case .notFinite(_, _, let batch) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!batch.isEmpty && batch.allSatisfy { $0.hasPrefix("bad x") })
    #expect(trainer.parameters.values.areFinite)
  }

  /// Rates at which the values overflow at once, or the network with the values that the first step leaves: whenever a checkpoint
  /// is written it is of numbers, the state is that before the step, and a lower rate goes on from it.
  @Test(
    arguments: [1e22, 1e30, 1e38] as [Float],
    [.sgd(momentum: 0.9), .adam(beta1: 0.9, beta2: 0.99), .muon(momentum: 0.95, adamRate: 1)]
      as [Optimizer.Method])
  func goesOnAfterInfiniteNumbersWithALowerRate(_ rate: Float, _ method: Optimizer.Method) throws {
    var recipe = smallRecipe()
    (recipe.rate, recipe.method, recipe.schedule) = (rate, method, .constantThenDecay(warmUp: 0, decay: 1))
    let set = pictures(8)
    let trainer = try Trainer(recipe: recipe, set: set, threads: 1)
    try trainer.measure()
    let start = trainer.best
    var before = trainer.checkpoint()
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished {
        before = trainer.checkpoint()
        try trainer.advance()
        try trainer.measure()
      }
    }
    guard case .notFinite(_, _, let batch) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!batch.isEmpty && "\(error.map { "\($0)" } ?? "")".contains("--resume"))
    for array in [before.values, before.average, before.first, before.second, before.best] {
      #expect(array.areFinite)
    }
    trainer.rewind()
    let bytes = try trainer.checkpoint().serialized()
    #expect(trainer.best == start && trainer.parameters.values == start.values)
    recipe.rate = 0.001
    recipe.length = .steps(trainer.step + 3)
    let second = try Trainer(recipe: recipe, set: set, threads: 1)
    try second.restore(Checkpoint(bytes: bytes, file: "c"), file: "c")
    while !second.isFinished { try second.advance() }
    #expect(try second.measure().meanPSNR > 15)
  }

  /// After n steps the past weighs n / (n + 10), up to the recipe's weight.
  @Test func aYoungAverageIsShort() throws {
    var recipe = smallRecipe()
    (recipe.averaging, recipe.schedule) = (0.2, .constantThenDecay(warmUp: 0, decay: 1))
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
    var expected = trainer.average
    for keep in [1 / 11, 2 / 12.0, 0.2, 0.2] as [Float] {
      try trainer.advance()
      expected = zip(expected, trainer.parameters.values).map { keep * $0 + (1 - keep) * $1 }
      // Some roundings of values below 2.
      #expect(zip(trainer.average, expected).allSatisfy { abs($0 - $1) <= 4 * 0x1p-23 })
    }
  }

  @Test func aStepThatFailsLeavesNoTrace() throws {
    var recipe = smallRecipe()
    (recipe.rate, recipe.schedule) = (1e38, .constantThenDecay(warmUp: 0, decay: 1))
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
    var before = trainer.checkpoint()
    #expect(throws: TrainingError.self) {
      while !trainer.isFinished {
        before = trainer.checkpoint()
        try trainer.advance()
      }
    }
    before.state.seconds = 0
    var after = trainer.checkpoint()
    after.state.seconds = 0
    #expect(after == before)
  }

  /// Loss and gradient are numbers, but Adam's mean squares are not, or what descent makes of the values.
  @Test(
    arguments: [
      (.adam(beta1: 0.9, beta2: 0.99), 0.001), (.sgd(momentum: 0), 1e20),
    ] as [(Optimizer.Method, Float)])
  func aStepToInfiniteNumbersIsNotTaken(_ method: Optimizer.Method, _ rate: Float) throws {
    var recipe = smallRecipe()
    (recipe.method, recipe.rate, recipe.loss, recipe.sumsPixels) = (method, rate, .squared, true)
    (recipe.initialization, recipe.schedule) = (.he, .constantThenDecay(warmUp: 0, decay: 1))
    let set = pictures(8)
    let bright = set.pictures.map { picture in
      TrainingSet.Picture(
        name: picture.name, source: picture.source, isReduced: false, width: picture.width,
        height: picture.height, truth: picture.truth.map { _ in 1e19 }, inputs: picture.inputs)
    }
    let trainer = try Trainer(
      recipe: recipe, set: TrainingSet(pictures: bright, variants: set.variants), threads: 1)
    let before = trainer.parameters
    #expect(throws: TrainingError.self) { try trainer.advance() }
    #expect(trainer.engine.gradient.areFinite)
    #expect(trainer.step == 0 && trainer.parameters == before)
    #expect(trainer.checkpoint().first.areFinite && trainer.checkpoint().second.areFinite)
  }

  /// The result says of which step it is: the best one of held-out pictures, else the last.
  @Test func theResultIsTheBestOnHeldOutPicturesElseTheLast() throws {
    var recipe = smallRecipe()
    recipe.rate = 0.02
    for holdOut in [4, 0] {
      recipe.holdOut = holdOut
      let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
      #expect(trainer.measuresOnTraining == (holdOut == 0))
      #expect(trainer.training.pictures.count == (holdOut == 0 ? 8 : 6))
      var measured: [(step: Int, psnr: Double, values: [Float])] = []
      for _ in 0..<6 {
        let row = try trainer.measure()
        measured.append((row.step, row.meanPSNR, trainer.average))
        try trainer.advance()
      }
      let best = try #require(measured.max { $0.psnr < $1.psnr })
      let expected =
        holdOut == 0
        ? Trainer.Milestone(values: trainer.average, step: 6, psnr: nil)
        : Trainer.Milestone(values: best.values, step: best.step, psnr: best.psnr)
      #expect(trainer.result == expected)
    }
  }

  /// Where interpolation is perfect there is no noise to compare with; PSNR stays a number, as a checkpoint needs.
  @Test func blackPicturesHaveAPSNR() throws {
    let black = pictures(8).pictures.map { picture in
      let truth = picture.truth.map { _ in Float(0) }
      return TrainingSet.Picture(
        name: picture.name, source: picture.source, isReduced: false, width: picture.width,
        height: picture.height, truth: truth, inputs: [truth])
    }
    let trainer = try Trainer(
      recipe: smallRecipe(), set: TrainingSet(pictures: black, variants: ["x2"]), threads: 1)
    #expect(trainer.history.baseline == [100])
    try trainer.measure()
    #expect(throws: Never.self) { try trainer.checkpoint().serialized() }
  }

  /// What is off by less than half a level is as good as the truth, once it is a picture.
  @Test func whatIsMeasuredIsRoundedTo8Bits() throws {
    let gray = pictures(8).pictures.map { picture in
      let (truth, input) = (
        picture.truth.map { _ in Float(100 / 255.0) }, picture.truth.map { _ in Float(100.4 / 255) }
      )
      return TrainingSet.Picture(
        name: picture.name, source: picture.source, isReduced: false, width: picture.width,
        height: picture.height, truth: truth, inputs: [input])
    }
    let trainer = try Trainer(
      recipe: smallRecipe(), set: TrainingSet(pictures: gray, variants: ["x2"]), threads: 1)
    #expect(trainer.history.baseline == [100])
  }

  /// A tenth of a long run is hours.
  @Test func noticesAfterTwoThousandStepsThatNothingIsLearned() throws {
    var recipe = smallRecipe()
    (recipe.rate, recipe.length) = (1e-20, .steps(100_000))
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
    try trainer.measure()
    var checkpoint = trainer.checkpoint()
    for (step, isStuck) in [(1_999, false), (2_000, true)] {
      checkpoint.state.step = step
      try trainer.restore(checkpoint, file: "c")
      #expect(trainer.isStuck == isStuck)
    }
  }

  /// Larger patches have a shorter grid than the position that the checkpoint has reached.
  @Test func otherPatchesOfAGridBeginAnEpoch() throws {
    var recipe = Self.recipes[2]
    recipe.length = .steps(40)
    let set = pictures(8)
    let small = try Trainer(recipe: recipe, set: set, threads: 1)
    while small.step < 30 { try small.advance() }
    recipe.patch = 40
    recipe.sampling = .grid(stride: 40)
    let large = try Trainer(recipe: recipe, set: set, threads: 1)
    try large.restore(small.checkpoint(), file: "c")
    while !large.isFinished { try large.advance() }
    #expect(large.step == 40)
  }

  @Test func trainsOnTheOnlyPictureThoughItsTurnIsToBeHeldOut() throws {
    let all = pictures(3)
    let only = TrainingSet(pictures: [all.pictures[2]], variants: all.variants)
    let trainer = try Trainer(recipe: smallRecipe(), set: only, threads: 1)
    #expect(trainer.measuresOnTraining && trainer.training.pictures.count == 1)
    try trainer.advance()
    #expect(!(try Trainer(recipe: smallRecipe(), set: all, threads: 1)).measuresOnTraining)
  }

  @Test func recipesAreChecked() {
    #expect(throws: Never.self) {
      for recipe in [Recipe.standard, .paper] { try recipe.validate() }
    }
    var recipe = Recipe.standard
    recipe.border = 24
    #expect(throws: TrainingError.self) { try recipe.validate() }
    recipe = .standard
    recipe.rate = .nan
    #expect(throws: TrainingError.self) { try recipe.validate() }
    for bound in [0, -1, .infinity, .nan] as [Float] {
      for clipping in [.elements(theta: bound), .variableNorm(theta: bound), .globalNorm(bound)]
        as [Optimizer.Clipping]
      {
        recipe = .standard
        recipe.clipping = clipping
        #expect(throws: TrainingError.self) { try recipe.validate() }
      }
    }
    for (holdOut, isSensible) in [(0, true), (1, false), (-1, false), (2, true)] {
      recipe = .standard
      recipe.holdOut = holdOut
      #expect(((try? recipe.validate()) != nil) == isSensible)
    }
  }

  /// No two recipes that differ are described alike.
  @Test func theSummaryHasEverySetting() {
    let changes: [(inout Recipe) -> Void] = [
      { $0.name = "n" }, { $0.depth = 3 }, { $0.width = 3 }, { $0.initialization = .he },
      { $0.degradations = ["bicubic=2"] }, { $0.reductions = [1, 0.5] }, { $0.patch = 9 }, { $0.border = 3 },
      { $0.batch = 3 }, { $0.sampling = .grid(stride: 3) }, { $0.loss = .squared }, { $0.sumsPixels = true },
      { $0.method = .sgd(momentum: 0.5) }, { $0.clipping = .globalNorm(3) }, { $0.weightDecay = 0.5 },
      { $0.rate = 0.5 }, { $0.schedule = .cosine(warmUp: 0.5) }, { $0.averaging = 0.5 },
      { $0.length = .epochs(3) }, { $0.seed = 3 }, { $0.holdOut = 3 }, { $0.initial = "m" },
    ]
    #expect(changes.count == Mirror(reflecting: Recipe.standard).children.count)
    let summaries = changes.map { change in
      var recipe = Recipe.standard
      change(&recipe)
      return recipe.summary
    }
    #expect(Set(summaries + [Recipe.standard.summary]).count == changes.count + 1)
  }

  /// The published numbers.
  @Test func paperIsThePublishedRecipe() {
    let paper = Recipe.paper
    #expect(paper.shape.parameterCount == 664_704 + 19 * 64 + 1)
    #expect(paper.initialization == .he && paper.degradations == ["bicubic=2,3,4"])
    // The paper's patches are as large as what a network of twenty layers sees, and do not overlap.
    #expect(paper.patch == 41 && paper.sampling == .grid(stride: 41) && paper.batch == 64)
    #expect(paper.reductions == [1] && paper.border == 0 && paper.averaging == 0)
    // The loss of Caffe: squares, summed over the pixels.
    #expect(paper.loss == .squared && paper.sumsPixels)
    #expect(paper.method == .sgd(momentum: 0.9) && paper.weightDecay == 1e-4)
    #expect(paper.clipping == .elements(theta: 0.001))
    #expect(paper.rate == 0.1 && paper.length == .epochs(80))
    // A tenth after every twenty epochs.
    let places = [0, 19.9, 20.1, 39.9, 40.1, 59.9, 60.1, 79.9]
    let rates = [1, 1, 10, 10, 100, 100, 1000, 1000].map { 1.0 / $0 }
    #expect(zip(places, rates).allSatisfy { abs(paper.schedule($0 / 80) - $1) <= $1.ulp })
  }
}
