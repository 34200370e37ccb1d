import Folders
import Foundation
import Pixels
import Testing
@testable import Training

/// What a run does not go on from.
extension TrainerTests {
  @Test func aCheckpointOfInfiniteNumbersIsRefused() throws {
    var checkpoint = try Trainer(recipe: smallRecipe(), set: pictures(8), threads: 1).checkpoint()
    checkpoint.first[3] = .infinity
    let error = #expect(throws: TrainingError.self) {
      try Checkpoint(bytes: checkpoint.serialized(), file: "c")
    }
    #expect(error == .checkpoint(file: "c", "holds values that are no numbers"))
  }

  @Test func refusesOtherSamplesUnderTheSameNamesAndSizes() throws {
    let set = pictures(8)
    let checkpoint = try Trainer(recipe: smallRecipe(), set: set, threads: 1).checkpoint()
    let changed = set.pictures.enumerated().map { index, picture in
      var truth = picture.truth
      if index == 7 { truth[100] = truth[100].nextUp }
      return TrainingSet.Picture(
        name: picture.name, source: picture.source, isReduced: false, width: picture.width,
        height: picture.height, truth: truth, inputs: picture.inputs)
    }
    let other = try Trainer(
      recipe: smallRecipe(), set: TrainingSet(pictures: changed, variants: set.variants), threads: 1)
    let error = #expect(throws: TrainingError.self) { try other.restore(checkpoint, file: "c") }
    #expect(error.map { "\($0)" }?.contains("other pictures") == true)
  }

  /// Its values can begin another run, but nobody knows what its pictures showed.
  @Test func refusesToGoOnFromAnOlderTrainersCheckpoint() throws {
    let set = pictures(8)
    let trainer = try Trainer(recipe: smallRecipe(), set: set, threads: 1)
    var checkpoint = trainer.checkpoint()
    checkpoint.state.samples = nil
    let read = try Checkpoint(bytes: checkpoint.serialized(), file: "c")
    #expect(read.average == trainer.average)
    let error = #expect(throws: TrainingError.self) { try trainer.restore(read, file: "c") }
    #expect(error.map { "\($0)" }?.contains("--initial") == true)
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
    // By 6 they were cropped to 48 pixels, by 2 to 50, so that they are other pictures too.
    let other = try Trainer(recipe: recipe, set: pictures(8, side: 50, variants: ["x2"]), threads: 1)
    let error = #expect(throws: TrainingError.self) { try other.restore(checkpoint, file: "c") }
    #expect(error.map { "\($0)" }?.contains("trained on bicubic=2,3,4;") == true)
    recipe = smallRecipe()
    recipe.reductions = [1, 0.5]
    let reduced = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
    #expect(throws: TrainingError.self) { try reduced.restore(checkpoint, file: "c") }
  }

  /// Though their states are of one form.
  @Test func refusesAnotherOptimizer() throws {
    var recipe = smallRecipe()
    recipe.method = .adam(beta1: 0.9, beta2: 0.99)
    let checkpoint = try Trainer(recipe: recipe, set: pictures(8), threads: 1).checkpoint()
    recipe.method = .adam(beta1: 0.8, beta2: 0.99)
    let other = try Trainer(recipe: recipe, set: pictures(8), threads: 1)
    let error = #expect(throws: TrainingError.self) { try other.restore(checkpoint, file: "c") }
    #expect(error.map { "\($0)" }?.contains("another network or optimizer") == true)
  }
}
