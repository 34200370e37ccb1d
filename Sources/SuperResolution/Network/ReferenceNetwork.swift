package import Pixels

/// A network as its definition reads, in Double sums, at single points: what a fast result is checked against without
/// computing a whole picture the slow way.
package struct ReferenceNetwork: Sendable {
  private struct Layer: Sendable {
    let inputs: Int
    let outputs: Int
    let relu: Bool
    /// `[tap][input][output]`, so that the innermost loop runs over neighbours in memory.
    let weights: [Double]
    let bias: [Double]
  }

  private let layers: [Layer]
  private let residual: Model.Residual

  package init(_ model: Model) {
    residual = model.residual
    layers = model.layers.map { layer in
      let (inputs, outputs) = (layer.inputChannels, layer.outputChannels)
      var weights = [Double](repeating: 0, count: layer.weights.count)
      for o in 0..<outputs {
        for i in 0..<inputs {
          for tap in 0..<9 {
            weights[(tap * inputs + i) * outputs + o] = Double(layer.weights[(o * inputs + i) * 9 + tap])
          }
        }
      }
      return Layer(
        inputs: inputs, outputs: outputs, relu: layer.relu, weights: weights,
        bias: layer.bias?.map(Double.init) ?? [Double](repeating: 0, count: outputs))
    }
  }

  /// The result at (x, y), the residual added.
  ///
  /// - Complexity: the network's work on a square that shrinks from `2 * layers + 1` pixels a side: for VDSR 0.4 G
  ///   multiply-adds, less at a border.
  package func value(_ plane: Plane, x: Int, y: Int) -> Double {
    precondition((0..<plane.width).contains(x) && (0..<plane.height).contains(y))
    var area = Area(around: x, y, reach: layers.count, in: plane)
    var values: [Double] = []
    for row in area.y..<area.y + area.height {
      let start = row * plane.width + area.x
      values += plane.pixels[start..<start + area.width].map(Double.init)
    }
    for (index, layer) in layers.enumerated() {
      let next = Area(around: x, y, reach: layers.count - 1 - index, in: plane)
      values = Self.apply(layer, to: values, area, giving: next)
      area = next
    }
    let input = Double(plane[x, y])
    switch residual {
    case .add: return input + values[0]
    case .subtract: return input - values[0]
    case .none: return values[0]
    }
  }

  private struct Area {
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    init(around x: Int, _ y: Int, reach: Int, in plane: Plane) {
      self.x = max(0, x - reach)
      self.y = max(0, y - reach)
      width = min(plane.width, x + reach + 1) - self.x
      height = min(plane.height, y + reach + 1) - self.y
    }
  }

  private static func apply(
    _ layer: Layer, to values: [Double], _ from: Area, giving to: Area
  ) -> [Double] {
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    var result = [Double](repeating: 0, count: to.width * to.height * outputs)
    result.withUnsafeMutableBufferPointer { result in
      values.withUnsafeBufferPointer { values in
        layer.weights.withUnsafeBufferPointer { weights in
          for pixel in 0..<to.width * to.height {
            let (y, x) = (to.y + pixel / to.width, to.x + pixel % to.width)
            let sums = result.baseAddress.unsafelyUnwrapped + pixel * outputs
            for o in 0..<outputs { sums[o] = layer.bias[o] }
            for tap in 0..<9 {
              let (row, column) = (y + tap / 3 - 1 - from.y, x + tap % 3 - 1 - from.x)
              // Outside of the area there is nothing but the zeros beyond the picture's border.
              guard (0..<from.height).contains(row), (0..<from.width).contains(column) else { continue }
              let source = values.baseAddress.unsafelyUnwrapped + (row * from.width + column) * inputs
              for i in 0..<inputs {
                let value = source[i]
                let line = weights.baseAddress.unsafelyUnwrapped + (tap * inputs + i) * outputs
                for o in 0..<outputs { sums[o] += value * line[o] }
              }
            }
            if layer.relu {
              for o in 0..<outputs { sums[o] = max(sums[o], 0) }
            }
          }
        }
      }
    }
    return result
  }
}
