import Pixels
import Testing

@testable import Training

@Suite struct OptimizerTests {
  let shape = NetworkShape(channels: [1, 3, 3, 1])

  func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  /// Two steps by hand.
  @Test func descentHasMomentumAndDecay() {
    var optimizer = Optimizer(shape: shape, method: .sgd(momentum: 0.5), weightDecay: 0.25)
    var values = [Float](repeating: 1, count: shape.parameterCount)
    var gradient = [Float](repeating: 2, count: shape.parameterCount)
    optimizer.step(&values, gradient: &gradient, rate: 0.5)
    let (weight, bias) = (shape.layers[0].weights.lowerBound, shape.layers[0].biases.lowerBound)
    // -0.5 * (2 + 0.25 * 1) = -1.125; biases do not decay: -1.
    #expect(values[weight] == -0.125)
    #expect(values[bias] == 0)
    optimizer.step(&values, gradient: &gradient, rate: 0.5)
    // 0.5 * -1.125 - 0.5 * (2 + 0.25 * -0.125) = -1.546875; 0.5 * -1 - 1 = -1.5.
    #expect(values[weight] == -1.671875)
    #expect(values[bias] == -1.5)
  }

  /// The first step of Adam is the rate, whatever the gradient's size.
  @Test func adamStartsWithTheRate() {
    var optimizer = Optimizer(shape: shape, method: .adam(beta1: 0.9, beta2: 0.99))
    var values = [Float](repeating: 0, count: shape.parameterCount)
    var gradient = random(shape.parameterCount, seed: 1)
    let signs = gradient.map { $0 > 0 ? Float(1) : -1 }
    optimizer.step(&values, gradient: &gradient, rate: 0.01)
    for (value, sign) in zip(values, signs) { #expect(abs(value + 0.01 * sign) < 1e-6) }
  }

  @Test func elementsAreClippedByTheRate() {
    var optimizer = Optimizer(shape: shape, method: .sgd(momentum: 0), clipping: .elements(theta: 0.5))
    var values = [Float](repeating: 0, count: shape.parameterCount)
    var gradient = random(shape.parameterCount, seed: 2).map { $0 * 10 }
    let raw = gradient
    optimizer.step(&values, gradient: &gradient, rate: 0.25)
    #expect(gradient == raw.map { min(max($0, -2), 2) })
    #expect(raw.contains { abs($0) > 2 } && raw.contains { abs($0) < 2 })
  }

  @Test func normsAreClippedApart() {
    var optimizer = Optimizer(shape: shape, method: .sgd(momentum: 0), clipping: .variableNorm(theta: 0.5))
    var values = [Float](repeating: 0, count: shape.parameterCount)
    var gradient = [Float](repeating: 0, count: shape.parameterCount)
    let layers = shape.layers
    gradient[layers[0].weights.lowerBound] = 30
    gradient[layers[0].weights.lowerBound + 1] = 40
    gradient[layers[1].biases.lowerBound] = 0.125
    optimizer.step(&values, gradient: &gradient, rate: 0.5)
    // 30 and 40 times a factor that is rounded, as is the product.
    #expect(abs(gradient[layers[0].weights.lowerBound] - 0.6) <= 2 * Float(0.6).ulp)
    #expect(abs(gradient[layers[0].weights.lowerBound + 1] - 0.8) <= 2 * Float(0.8).ulp)
    #expect(gradient[layers[1].biases.lowerBound] == 0.125)
  }

  /// Singular values of the steps: their matrices times their own transposes are near the identity.
  @Test func orthogonalizedMatricesHaveEvenSingularValues() {
    for (rows, columns) in [(8, 72), (16, 16), (72, 8), (1, 9)] {
      let matrix = random(rows * columns, seed: 3)
      let result = orthogonalized([(matrix, rows, columns)], threads: 1)[0]
      let short = min(rows, columns)
      let wide = rows <= columns ? result : transposed(result, rows, columns)
      let gram = product(wide, transposed(wide, short, max(rows, columns)), short, max(rows, columns), short)
      // The quintic leaves singular values of 0.68 to 1.14 where none of the matrix is tiny; a square one has some that are.
      let trace = (0..<short).reduce(Float(0)) { $0 + gram[$1 * short + $1] } / Float(short)
      #expect(trace > (rows == columns ? 0.4 : 0.46) && trace < 1.3)
      // It points the same way.
      let along = zip(matrix, result).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(along > 0)
    }
  }

  @Test func orthogonalizationLeavesZeroAlone() {
    let zero = [Float](repeating: 0, count: 12)
    #expect(orthogonalized([(zero, 3, 4)], threads: 1) == [zero])
  }

  @Test func schedulesBeginAndEndWhereTheyShould() {
    let steps = Schedule.steps(fraction: 0.25, factor: 10)
    #expect([0, 0.24, 0.26, 0.51, 0.76].map { steps($0) } == [1, 1, 0.1, 0.01, 0.001])
    let cosine = Schedule.cosine(warmUp: 0.1)
    #expect(cosine(0.05) == 0.5 && cosine(0.1) == 1 && abs(cosine(0.55) - 0.5) < 1e-12 && cosine(1) == 0)
    let cycle = Schedule.oneCycle(peak: 0.25)
    #expect(abs(cycle(0) - 0.04) < 1e-12 && cycle(0.25) == 1 && abs(cycle(1) - 1e-4) < 1e-12)
    let constant = Schedule.constantThenDecay(warmUp: 0.1, decay: 0.5)
    #expect(constant(0.05) == 0.5 && constant(0.3) == 1 && constant(0.75) == 0.5 && constant(1) == 0)
  }

  @Test(arguments: [
    Schedule.steps(fraction: 0, factor: 10), .steps(fraction: .nan, factor: 10),
    .steps(fraction: 0.25, factor: 0),
    .cosine(warmUp: 1), .cosine(warmUp: -0.1), .oneCycle(peak: 1), .constantThenDecay(warmUp: 1, decay: 1),
    .constantThenDecay(warmUp: 0, decay: 0), .constantThenDecay(warmUp: 0, decay: .nan),
  ])
  func schedulesWithoutARateAreRefused(schedule: Schedule) {
    var recipe = smallRecipe()
    recipe.schedule = schedule
    #expect(throws: TrainingError.self) { try recipe.validate() }
  }

  @Test(arguments: [
    Schedule.steps(fraction: 1e-6, factor: 1e3), .steps(fraction: 1, factor: 1), .cosine(warmUp: 0),
    .oneCycle(peak: 0), .constantThenDecay(warmUp: 0, decay: 1), .constantThenDecay(warmUp: 0.9, decay: 0.9),
  ])
  func schedulesThatAreTakenHaveARateThroughout(schedule: Schedule) throws {
    var recipe = smallRecipe()
    recipe.schedule = schedule
    try recipe.validate()
    for step in 0...100 { #expect((0...1).contains(schedule(Double(step) / 100)), "\(step)") }
  }
}
