import Convolution
import Pixels

@testable import Training

/// Patches of smooth noise and what interpolation might have made of it.
func patches(_ count: Int, side: Int, seed: UInt64 = 7) -> [ReferenceNetwork.Patch] {
  var random = RandomSource(seed: seed)
  return (0..<count).map { _ in
    // Floats, so that both precisions see the same numbers.
    let truth = (0..<side * side).map { _ in Double(Float(random.uniform())) }
    let input = truth.map { Double(Float($0 + 0.2 * (random.uniform() - 0.5))) }
    return ReferenceNetwork.Patch(side: side, input: input, truth: truth)
  }
}

func fill(_ batch: [ReferenceNetwork.Patch]) -> GradientEngine.Fill {
  { index, input, truth in
    let patch = batch[index]
    for y in 0..<patch.side {
      for x in 0..<patch.side {
        input[y][x] = Float(patch.input[y * patch.side + x])
        truth[y * patch.side + x] = Float(patch.truth[y * patch.side + x])
      }
    }
  }
}

/// A made-up data set: pictures of random rectangles and their blurred versions.
func pictures(_ count: Int, side: Int = 48, variants: [String] = ["x2", "x3"]) -> TrainingSet {
  var random = RandomSource(seed: 99)
  return TrainingSet(
    pictures: (0..<count).map { number in
      var truth = [Float](repeating: 0.5, count: side * side)
      for _ in 0..<12 {
        let (left, top) = (random.below(side), random.below(side))
        let (width, height) = (1 + random.below(side / 2), 1 + random.below(side / 2))
        let value = Float(random.uniform())
        for y in top..<min(side, top + height) {
          for x in left..<min(side, left + width) { truth[y * side + x] = value }
        }
      }
      let last = side * side - 1
      let blurred = (0...last).map { i -> Float in
        let neighbours: Float = truth[max(i - 1, 0)] + truth[min(i + 1, last)]
        return (neighbours + 2 * truth[i]) / 4
      }
      return TrainingSet.Picture(
        name: "made-\(number)", source: number, isReduced: false, width: side, height: side, truth: truth,
        inputs: variants.map { _ in blurred })
    }, variants: variants)
}

/// Small enough for a test.
func smallRecipe() -> Recipe {
  var recipe = Recipe.standard
  (recipe.depth, recipe.width, recipe.patch, recipe.batch) = (4, 8, 16, 5)
  (recipe.length, recipe.holdOut) = (.steps(40), 4)
  return recipe
}
