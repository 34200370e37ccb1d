package import Pixels

extension Parameters {
  /// A deeper and wider network that computes the same: what a small one has learned cheaply, a large one goes on from
  /// (Chen et al. 2016, "Net2Net").
  ///
  /// Layers are inserted behind the middle ones as identities, which change nothing since their input is rectified.
  /// New channels read at random but nobody reads them at first, so they join in as training finds a use for them.
  package func grown(
    to target: NetworkShape, random: inout RandomSource
  ) throws(TrainingError) -> Parameters {
    let middle = shape.depth - 2
    let targetMiddle = target.depth - 2
    guard middle >= 1, targetMiddle >= middle else {
      throw .cannotGrow("it has \(shape.depth) layers, the larger one \(target.depth); it takes 3 at least")
    }
    guard let width = shape.channels.dropFirst().dropLast().max(),
      shape.channels[1...middle + 1].allSatisfy({ $0 == width }),
      target.channels[1...targetMiddle + 1].allSatisfy({ $0 >= width })
    else {
      throw .cannotGrow("all its layers must have the same number of channels, and the larger one no fewer")
    }

    var result = Parameters(shape: target, initialization: .he, random: &random)
    let (old, new) = (shape.layers, target.layers)
    for (index, layer) in new.enumerated() {
      // Which old layer this one is; nil for an inserted identity. The old middle layers are spread evenly.
      let source: Int?
      if index == 0 {
        source = 0
      } else if index == target.depth - 1 {
        source = shape.depth - 1
      } else {
        let slot = index - 1
        let (before, here) = (slot * middle / targetMiddle, (slot + 1) * middle / targetMiddle)
        source = here > before ? here : nil
      }
      let outputsKept = min(layer.outputs, index == target.depth - 1 ? 1 : width)
      let inputsKept = min(layer.inputs, index == 0 ? 1 : width)
      for output in 0..<layer.outputs {
        for input in 0..<layer.inputs {
          let at = layer.weights.lowerBound + (output * layer.inputs + input) * 9
          for tap in 0..<9 {
            let isNewInput = input >= inputsKept
            let isNewOutput = output >= outputsKept
            if isNewOutput {
              // A new channel: random, and where there is the same channel before, passed on.
              if index > 0 {
                result.values[at + tap] *= 0.1
                if input == output, tap == 4 { result.values[at + tap] += 1 }
              }
            } else if isNewInput {
              result.values[at + tap] = 0
            } else if let source {
              let from = old[source]
              result.values[at + tap] =
                values[from.weights.lowerBound + (output * from.inputs + input) * 9 + tap]
            } else {
              result.values[at + tap] = input == output && tap == 4 ? 1 : 0
            }
          }
        }
        if output < outputsKept, let source {
          result.values[layer.biases.lowerBound + output] = values[old[source].biases.lowerBound + output]
        }
      }
    }
    return result
  }
}
