import Convolution
import Testing

@testable import Training

@Suite struct MemoryNeedTests {
  /// What is found out beforehand is what is then allocated, for direct layers and Winograd's, few and many threads and patches.
  @Test(
    arguments: [(3, 8, 16, 4), (4, 32, 13, 1), (5, 17, 24, 20), (2, 16, 16, 2), (1, 8, 9, 1)], [1, 3])
  func isWhatIsAllocated(_ form: (depth: Int, width: Int, patch: Int, batch: Int), _ threads: Int) throws {
    var recipe = smallRecipe()
    (recipe.depth, recipe.width, recipe.patch, recipe.batch) = form
    let set = pictures(6)
    for instructionSet in InstructionSet.supported {
      let need = MemoryNeed(recipe, set, threads: threads, instructionSet: instructionSet)
      let trainer = try Trainer(recipe: recipe, set: set, threads: threads, instructionSet: instructionSet)
      #expect(need.pictures == set.bytes)
      #expect(need.engine == 4 * trainer.engine.count)
      #expect(need.validation == 4 * trainer.validation.count)
    }
  }

  /// A checkpoint's arrays are what is kept, and its bytes what saving them takes.
  @Test(arguments: TrainerTests.recipes)
  func countsTheValues(_ recipe: Recipe) throws {
    let need = MemoryNeed(recipe, pictures(8), threads: 1, instructionSet: .best)
    let checkpoint = try Trainer(recipe: recipe, set: pictures(8), threads: 1).checkpoint()
    let arrays = [
      checkpoint.values, checkpoint.average, checkpoint.first, checkpoint.second, checkpoint.best,
    ]
    let kept = 4 * arrays.reduce(0) { $0 + $1.count }
    #expect(need.values >= 2 * kept + 4 * checkpoint.values.count)
    // Descent has one array less of state, Muon takes matrices.
    #expect(need.values <= 4 * 16 * checkpoint.values.count)
  }
}
