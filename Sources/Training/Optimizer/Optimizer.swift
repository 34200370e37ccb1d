/// How gradients become steps. State and values lie in flat arrays, in the order of the network's shape.
package struct Optimizer: Sendable, Hashable {
  package enum Method: Sendable, Hashable, Codable {
    /// Gradient descent with momentum: v = momentum * v - rate * g.
    case sgd(momentum: Float)
    /// Kingma and Ba 2015, with the bias of the young averages taken out.
    case adam(beta1: Float, beta2: Float)
    /// Momentum, orthogonalized (Jordan et al. 2024): the step of each middle layer, as a matrix of its output channels by
    /// its inputs' taps, has all singular values near one, so that it moves all directions alike. First and last layer
    /// and all biases take Adam steps of `adamRate` times the rate, with betas of 0.9 and 0.99.
    case muon(momentum: Float, adamRate: Float)
  }

  /// What keeps a step from being too large.
  package enum Clipping: Sendable, Hashable, Codable {
    case none
    /// Every element of the gradient to [-theta / rate, theta / rate], as published.
    case elements(theta: Float)
    /// The norm of each layer's weights' and biases' gradient to theta / rate, as the TensorFlow port does.
    case variableNorm(theta: Float)
    /// The norm of the whole gradient to a fixed bound.
    case globalNorm(Float)
  }

  package let shape: NetworkShape
  package let method: Method
  package let clipping: Clipping
  /// Of the weights, not the biases. With `sgd` it is added to the gradient after the clipping (L2 regularization); with the others it
  /// shrinks the weights apart from the gradient (Loshchilov and Hutter 2019).
  package let weightDecay: Float
  package private(set) var steps = 0
  /// Momentum.
  package private(set) var first: [Float]
  /// Mean squares, where the method has them.
  package private(set) var second: [Float]

  package init(shape: NetworkShape, method: Method, clipping: Clipping = .none, weightDecay: Float = 0) {
    self.shape = shape
    self.method = method
    self.clipping = clipping
    self.weightDecay = weightDecay
    let count = shape.parameterCount
    first = [Float](repeating: 0, count: count)
    if case .sgd = method { second = [] } else { second = [Float](repeating: 0, count: count) }
  }

  /// Continues where another optimizer of the same kind stood.
  package mutating func restore(steps: Int, first: [Float], second: [Float]) {
    precondition(first.count == self.first.count && second.count == self.second.count)
    self.steps = steps
    self.first = first
    self.second = second
  }

  /// Moves `values` against `gradient`, which may be clipped in place; the same on any number of threads.
  package mutating func step(
    _ values: inout [Float], gradient: inout [Float], rate: Float, threads: Int = 1
  ) {
    precondition(values.count == first.count && gradient.count == first.count)
    steps += 1
    clip(&gradient, rate: rate)
    switch method {
    case .sgd(let momentum):
      for layer in shape.layers {
        descend(layer.weights, &values, gradient, rate, momentum, decay: weightDecay)
        descend(layer.biases, &values, gradient, rate, momentum, decay: 0)
      }
    case .adam(let beta1, let beta2):
      for layer in shape.layers {
        adapt(layer.weights, &values, gradient, rate, beta1, beta2, decay: weightDecay)
        adapt(layer.biases, &values, gradient, rate, beta1, beta2, decay: 0)
      }
    case .muon(let momentum, let adamRate):
      let (beta1, beta2) = Self.betasBesideMuon
      let layers = shape.layers
      let middle = layers.indices.filter { $0 > 0 && $0 < layers.count - 1 }
      orthogonalSteps(middle.map { layers[$0] }, &values, gradient, rate, momentum, threads)
      for (index, layer) in layers.enumerated() {
        if !middle.contains(index) {
          adapt(layer.weights, &values, gradient, rate * adamRate, beta1, beta2, decay: weightDecay)
        }
        adapt(layer.biases, &values, gradient, rate * adamRate, beta1, beta2, decay: 0)
      }
    }
  }
}

// MARK: - Steps of one variable

extension Optimizer {
  /// Kingma and Ba's, but for squares over 100 steps instead of 1,000: their average follows a rate that changes.
  private static let betasBesideMuon: (Float, Float) = (0.9, 0.99)

  private mutating func descend(
    _ range: Range<Int>, _ values: inout [Float], _ gradient: [Float], _ rate: Float, _ momentum: Float,
    decay: Float
  ) {
    for i in range {
      first[i] = momentum * first[i] - rate * (gradient[i] + decay * values[i])
      values[i] += first[i]
    }
  }

  private mutating func adapt(
    _ range: Range<Int>, _ values: inout [Float], _ gradient: [Float], _ rate: Float, _ beta1: Float,
    _ beta2: Float, decay: Float
  ) {
    let firstBias = 1 - Float(power(Double(beta1), steps))
    let secondBias = 1 - Float(power(Double(beta2), steps))
    for i in range {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let step = (first[i] / firstBias) / ((second[i] / secondBias).squareRoot() + 1e-8)
      values[i] -= rate * (step + decay * values[i])
    }
  }

  private mutating func orthogonalSteps(
    _ layers: [NetworkShape.Layer], _ values: inout [Float], _ gradient: [Float], _ rate: Float,
    _ momentum: Float, _ threads: Int
  ) {
    var updates: [[Float]] = []
    for layer in layers {
      for i in layer.weights { first[i] = momentum * first[i] + gradient[i] }
      // Nesterov's momentum: as if the next gradient were known to be like this one.
      updates.append(layer.weights.map { momentum * first[$0] + gradient[$0] })
    }
    let steps = orthogonalized(
      zip(layers, updates).map { ($1, $0.outputs, 9 * $0.inputs) }, threads: threads)
    for (layer, step) in zip(layers, steps) {
      let scale = rate * max(1, Float(layer.outputs) / Float(9 * layer.inputs)).squareRoot()
      for (i, element) in zip(layer.weights, step) {
        values[i] -= scale * element + rate * weightDecay * values[i]
      }
    }
  }
}

// MARK: - Clipping

extension Optimizer {
  private func clip(_ gradient: inout [Float], rate: Float) {
    switch clipping {
    case .none: break
    case .elements(let theta):
      let bound = theta / rate
      for i in gradient.indices { gradient[i] = min(max(gradient[i], -bound), bound) }
    case .variableNorm(let theta):
      for layer in shape.layers {
        limit(&gradient, layer.weights, to: theta / rate)
        limit(&gradient, layer.biases, to: theta / rate)
      }
    case .globalNorm(let bound):
      limit(&gradient, gradient.indices, to: bound)
    }
  }

  private func limit(_ gradient: inout [Float], _ range: Range<Int>, to bound: Float) {
    let norm = euclideanNorm(gradient[range])
    if norm > Double(bound) {
      let factor = Float(Double(bound) / norm)
      for i in range { gradient[i] *= factor }
    }
  }
}

/// The square root of the sum of squares, in double precision.
package func euclideanNorm(_ values: ArraySlice<Float>) -> Double {
  values.withUnsafeBufferPointer { values in
    var sum = 0.0
    for value in values { sum += Double(value) * Double(value) }
    return sum.squareRoot()
  }
}

/// base^exponent, of 0 or more, by repeated multiplication of squares: the C library's `pow` is not the same on every
/// platform.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
