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

  @Test func theWholeNormIsClipped() {
    let count = shape.parameterCount
    for (element, factor) in [(Float(3), Float(0.25)), (0.5, 1)] {
      var optimizer = Optimizer(
        shape: shape, method: .sgd(momentum: 0), clipping: .globalNorm(0.75 * Float(count).squareRoot()))
      var values = [Float](repeating: 0, count: count)
      var gradient = [Float](repeating: element, count: count)
      // Of any rate.
      optimizer.step(&values, gradient: &gradient, rate: 0.5)
      #expect(gradient.allSatisfy { abs($0 - element * factor) <= 4 * Float(1).ulp })
    }
  }

  /// Four steps with everything that each method has, against its definition in Double.
  ///
  /// A step rounds each value and its parts less than eight times, half an ulp of at most 4 each: 4 x 8 x 2^-23. The
  /// step itself is at most 2, so its own error counts as much as the rate, 0.05: of Adam the second mean's bias, 0.0199
  /// after two steps, is what is left of 1, so that half an ulp of 1 is 3e-6 of it and, under the root, 1.5e-6 of the
  /// step; of Muon the error of an orthogonalized matrix.
  @Test(
    arguments: [
      .sgd(momentum: 0.9), .adam(beta1: 0.9, beta2: 0.99), .muon(momentum: 0.95, adamRate: 0.1),
    ] as [Optimizer.Method])
  func fourStepsAreTheDefinitions(_ method: Optimizer.Method) {
    // The middle layers are wide, and tall: only of a tall one the steps are scaled.
    let shape = NetworkShape(channels: [1, 2, 24, 3, 1])
    var values = random(shape.parameterCount, seed: 4)
    var optimizer = Optimizer(shape: shape, method: method, weightDecay: 0.125)
    var plain = PlainOptimizer(
      shape: shape, method: method, weightDecay: 0.125, values: values.map { Double($0) })
    let (rate, rounding): (Float, Double) = (0.05, 4 * 8 * 0x1p-23)
    let own =
      switch method {
      case .sgd: 0.0
      case .adam: 2 * 1.5e-6
      case .muon: Self.orthogonalizationError(rows: 24, columns: 216)
      }
    for step in 0..<4 {
      var gradient = random(shape.parameterCount, seed: UInt64(5 + step))
      plain.step(gradient.map { Double($0) }, rate: Double(rate))
      optimizer.step(&values, gradient: &gradient, rate: rate)
      let bound = Double(step + 1) * (rounding + Double(rate) * own)
      #expect(zip(values, plain.values).allSatisfy { abs(Double($0) - $1) <= bound }, "step \(step)")
    }
  }

  /// What rounding may do to an element of an orthogonalized matrix: a small singular value grows by 3.4445 in each of
  /// the five iterations, and the errors with it. Each iteration is four products of sums of `rows` terms, after one of
  /// `columns`; the sums of magnitudes are at most 1.2, the largest singular value.
  static func orthogonalizationError(rows: Int, columns: Int) -> Double {
    let growth = (0..<5).reduce(1.0) { product, _ in product * 3.4445 }
    return growth * Double(max(rows, columns) + 20 * min(rows, columns)) * 1.2 * 0x1p-24
  }

  @Test func orthogonalizedMatricesAreThoseOfTheDefinition() {
    for (rows, columns) in [(8, 72), (16, 16), (72, 8), (1, 9)] {
      let matrix = random(rows * columns, seed: 3)
      let result = orthogonalized([(matrix, rows, columns)], threads: 1)[0]
      let plain = PlainOptimizer.orthogonalized(
        (0..<rows).map { row in (0..<columns).map { Double(matrix[row * columns + $0]) } }
      ).flatMap { $0 }
      let bound = Self.orthogonalizationError(rows: rows, columns: columns)
      #expect(result.count == plain.count, "\(rows) x \(columns)")
      #expect(zip(result, plain).allSatisfy { abs(Double($0) - $1) <= bound }, "\(rows) x \(columns)")
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
