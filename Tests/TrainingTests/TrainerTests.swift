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
    whole.measure()

    let first = try Trainer(recipe: recipe, set: set, threads: 1)
    for _ in 0..<6 { try first.advance() }
    let bytes = try first.checkpoint().serialized()
    // The other goes on after the checkpoint, as a run does that is killed later.
    try first.advance()
    let second = try Trainer(recipe: recipe, set: set, threads: 2)
    try second.restore(Checkpoint(bytes: bytes, file: "checkpoint"), file: "checkpoint")
    for _ in 0..<8 { try second.advance() }
    second.measure()

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
    let row = trainer.measure()
    #expect(trainer.step == 600)
    for (psnr, bicubic) in zip(row.psnr, trainer.history.baseline) { #expect(psnr > bicubic + 1) }
    #expect(!trainer.isStuck)
  }

  @Test func noticesThatNothingIsLearned() throws {
    var recipe = smallRecipe()
    recipe.rate = 1e-20
    let trainer = try Trainer(recipe: recipe, set: pictures(8), threads: 2)
    trainer.measure()
    #expect(!trainer.isStuck)
    while trainer.progress < 0.2 { try trainer.advance() }
    trainer.measure()
    #expect(trainer.isStuck)
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
    guard case .notFinite(_, let batch) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!batch.isEmpty && batch.allSatisfy { $0.hasPrefix("bad x") })
    #expect(trainer.parameters.values.allSatisfy { $0.isFinite })
  }

  @Test func refusesAnotherNetworkOrOtherPictures() throws {
    let set = pictures(8)
    let checkpoint = try Trainer(recipe: smallRecipe(), set: set, threads: 1).checkpoint()
    var wider = smallRecipe()
    wider.width = 9
    let other = try Trainer(recipe: wider, set: set, threads: 1)
    #expect(throws: TrainingError.self) { try other.restore(checkpoint, file: "c") }
    let fewer = try Trainer(recipe: smallRecipe(), set: pictures(7), threads: 1)
    #expect(throws: TrainingError.self) { try fewer.restore(checkpoint, file: "c") }
  }

  @Test func refusesOtherDegradations() throws {
    let checkpoint = try Trainer(recipe: smallRecipe(), set: pictures(8), threads: 1).checkpoint()
    var recipe = smallRecipe()
    recipe.degradations = ["bicubic=2"]
    let other = try Trainer(recipe: recipe, set: pictures(8, variants: ["x2"]), threads: 1)
    #expect(throws: TrainingError.self) { try other.restore(checkpoint, file: "c") }
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
      for recipe in Recipe.named.values { try recipe.validate() }
    }
    var recipe = Recipe.standard
    recipe.border = 24
    #expect(throws: TrainingError.self) { try recipe.validate() }
    recipe = .standard
    recipe.rate = .nan
    #expect(throws: TrainingError.self) { try recipe.validate() }
  }

  /// The published numbers.
  @Test func paperIsThePublishedRecipe() {
    let paper = Recipe.paper
    #expect(paper.shape.parameterCount == 664_704 + 19 * 64 + 1)
    #expect(paper.method == .sgd(momentum: 0.9) && paper.weightDecay == 1e-4 && paper.batch == 64)
    #expect(paper.rate == 0.1 && paper.schedule(0.3) == 0.1 && paper.length == .epochs(80))
  }
}
