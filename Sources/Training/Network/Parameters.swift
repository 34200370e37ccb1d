package import Pixels
package import SuperResolution

/// The trainable values of a network, in the order of its shape.
package struct Parameters: Sendable, Equatable {
  package let shape: NetworkShape
  package var values: [Float]

  package init(shape: NetworkShape, values: [Float]) {
    precondition(values.count == shape.parameterCount)
    self.shape = shape
    self.values = values
  }

  /// How a network starts.
  package enum Initialization: String, Sendable, Codable, CaseIterable {
    /// Normal with variance 2 / (9 x inputs) (He et al. 2015), as published for VDSR.
    case he
    /// The middle layers begin as the identity, which passes a rectified input on unchanged, plus `he` at a tenth of
    /// its deviation; the last layer begins near zero, so that the whole network begins as bicubic interpolation.
    /// What a plain chain then learns is what a residual one would (Zagoruyko and Komodakis 2017, "DiracNets").
    case identity
  }

  package init(shape: NetworkShape, initialization: Initialization, random: inout RandomSource) {
    self.init(shape: shape, values: [Float](repeating: 0, count: shape.parameterCount))
    let layers = shape.layers
    for (index, layer) in layers.enumerated() {
      var deviation = (2 / Double(9 * layer.inputs)).squareRoot()
      // The only layer is the last one.
      let isLast = index == layers.count - 1
      let isMiddle = index > 0 && !isLast
      if initialization == .identity, isMiddle || isLast { deviation *= isMiddle ? 0.1 : 0.01 }
      for i in layer.weights { values[i] = Float(random.normal() * deviation) }
      if initialization == .identity, isMiddle {
        for channel in 0..<min(layer.inputs, layer.outputs) {
          values[layer.weights.lowerBound + (channel * layer.inputs + channel) * 9 + 4] += 1
        }
      }
    }
  }
}

extension Parameters {
  /// The values of a model, which must have the form that can be trained.
  package init(_ model: Model) throws(TrainingError) {
    let last = model.layers.count - 1
    for (index, layer) in model.layers.enumerated() where layer.relu != (index < last) {
      throw .notTrainable(model.name, "layer \(index) has \(layer.relu ? "a" : "no") rectifier")
    }
    guard model.residual == .add else {
      throw .notTrainable(model.name, "its output is not added to its input")
    }
    guard model.lumaConvention == .studio else {
      throw .notTrainable(
        model.name,
        "its luma is \(model.metadata[Model.Key.color] ?? "unknown"), and pictures are learned from as bt601-studio/255"
      )
    }
    self.init(
      shape: NetworkShape(channels: [1] + model.layers.map(\.outputChannels)),
      values: model.layers.flatMap { layer in
        layer.weights + (layer.bias ?? [Float](repeating: 0, count: layer.outputChannels))
      })
  }

  /// The values as a model whose file says how it came to be.
  /// - Throws: where a value is not finite.
  package func model(name: String, metadata: [String: String]) throws(ModelError) -> Model {
    let layers = shape.layers
    return try Model(
      name: name,
      layers: layers.enumerated().map { index, layer in
        Model.Layer(
          inputChannels: layer.inputs, outputChannels: layer.outputs, weights: Array(values[layer.weights]),
          bias: Array(values[layer.biases]), relu: index < layers.count - 1)
      }, metadata: metadata)
  }
}
