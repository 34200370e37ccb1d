@testable import Training

/// The optimizers as their definitions read, in Double.
struct PlainOptimizer {
  let shape: NetworkShape
  let method: Optimizer.Method
  let weightDecay: Double
  var values: [Double]
  private var steps = 0
  private var first: [Double]
  private var second: [Double]

  init(shape: NetworkShape, method: Optimizer.Method, weightDecay: Double, values: [Double]) {
    self.shape = shape
    self.method = method
    self.weightDecay = weightDecay
    self.values = values
    first = values.map { _ in 0 }
    second = first
  }

  mutating func step(_ gradient: [Double], rate: Double) {
    steps += 1
    for (index, layer) in shape.layers.enumerated() {
      switch method {
      case .sgd(let momentum):
        for i in layer.weights.lowerBound..<layer.biases.upperBound {
          let decay = layer.weights.contains(i) ? weightDecay : 0
          first[i] = Double(momentum) * first[i] - rate * (gradient[i] + decay * values[i])
          values[i] += first[i]
        }
      case .adam(let beta1, let beta2):
        adapt(layer.weights, gradient, rate, Double(beta1), Double(beta2), decay: weightDecay)
        adapt(layer.biases, gradient, rate, Double(beta1), Double(beta2), decay: 0)
      case .muon(let momentum, let adamRate):
        let adamRate = rate * Double(adamRate)
        adapt(layer.biases, gradient, adamRate, Double(0.9 as Float), Double(0.99 as Float), decay: 0)
        if index == 0 || index == shape.layers.count - 1 {
          adapt(
            layer.weights, gradient, adamRate, Double(0.9 as Float), Double(0.99 as Float), decay: weightDecay
          )
          continue
        }
        let momentum = Double(momentum)
        for i in layer.weights { first[i] = momentum * first[i] + gradient[i] }
        let update = layer.weights.map { momentum * first[$0] + gradient[$0] }
        let (rows, columns) = (layer.outputs, 9 * layer.inputs)
        let direction = Self.orthogonalized(
          (0..<rows).map { Array(update[$0 * columns..<($0 + 1) * columns]) }
        ).flatMap { $0 }
        let scale = rate * max(1, Double(rows) / Double(columns)).squareRoot()
        for (i, element) in zip(layer.weights, direction) {
          values[i] -= scale * element + rate * weightDecay * values[i]
        }
      }
    }
  }

  private mutating func adapt(
    _ range: Range<Int>, _ gradient: [Double], _ rate: Double, _ beta1: Double, _ beta2: Double, decay: Double
  ) {
    func powers(_ base: Double) -> Double { (0..<steps).reduce(1) { product, _ in product * base } }
    for i in range {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let (mean, square) = (first[i] / (1 - powers(beta1)), second[i] / (1 - powers(beta2)))
      values[i] -= rate * (mean / (square.squareRoot() + 1e-8) + decay * values[i])
    }
  }

  /// Five times X = 3.4445 X - 4.7750 X Xᵀ X + 2.0315 (X Xᵀ)² X, from X divided by the root of the sum of its squares.
  static func orthogonalized(_ matrix: [[Double]]) -> [[Double]] {
    let norm = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = matrix.map { $0.map { $0 / norm } }
    for _ in 0..<5 {
      let square = x.map { row in x.map { other in zip(row, other).reduce(0) { $0 + $1.0 * $1.1 } } }
      let cube = product(square, x)
      let fifth = product(square, cube)
      x = x.indices.map { i in
        x[i].indices.map { j in 3.4445 * x[i][j] - 4.7750 * cube[i][j] + 2.0315 * fifth[i][j] }
      }
    }
    return x
  }

  private static func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in
      b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } }
    }
  }
}
