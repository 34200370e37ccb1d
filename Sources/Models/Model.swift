import Pixels

/// A trained network: its layers as read from a weights file, checked, and what the file says about itself.
///
/// A network is a chain of 3x3 convolutions (stride 1, zero padding) that leads from one luma channel to one; its
/// layers come from the file, not from code, so that VDSR's 20 layers of 64 channels are one model among others.
/// Loading costs one pass over the file. A model is a value without state: load it once and share it.
public struct Model: Sendable, Equatable {
  /// One 3x3 convolution, and whether `max(0, x)` follows it.
  public struct Layer: Sendable, Equatable {
    /// Channels read.
    public let inputChannels: Int
    /// Channels written.
    public let outputChannels: Int
    /// `[outputChannels][inputChannels][3][3]`, row-major. The output at (x, y) sums
    /// `weights[o][i][r][c] * input[i](x + c - 1, y + r - 1)`: a correlation, as deep-learning software has it.
    public let weights: [Float]
    /// One value per output channel.
    public let bias: [Float]?
    /// A rectifier follows.
    public let relu: Bool

    /// A layer; its counts are checked when a model is made of it.
    public init(inputChannels: Int, outputChannels: Int, weights: [Float], bias: [Float]? = nil, relu: Bool) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.weights = weights
      self.bias = bias
      self.relu = relu
    }
  }

  /// What becomes of the last layer's output.
  public enum Residual: String, Sendable, CaseIterable {
    /// The result is input + output: VDSR.
    case add
    /// The result is input - output: DnCNN, which predicts the noise.
    case subtract
    /// The result is the output.
    case none
  }

  /// The file's name, or what the creator of the model called it.
  public let name: String
  /// In order; never empty.
  public let layers: [Layer]
  /// How the input comes back in.
  public let residual: Residual
  /// The file's `__metadata__`: format version, architecture, colour convention, training recipe.
  /// The keys of `Model.Key` are always there, but for `Model.Key.recipe`.
  public let metadata: [String: String]

  /// A model made of layers, for instance freshly trained ones.
  ///
  /// - Parameters:
  ///   - name: what errors call the model.
  ///   - layers: from one channel to one; each reads what the one before it writes.
  ///   - residual: what becomes of the last layer's output.
  ///   - metadata: what the file shall say about itself. The entries of `Model.Key` that follow from the other
  ///     arguments (format, layers, residual) are set here, whatever they were.
  /// - Throws: `ModelError`, whose `tensor` names the layer's weights or bias, where counts or channels do not
  ///   fit together or a value is not finite; where a rectifier follows a last layer whose output is added or
  ///   subtracted; where `Model.Key.color` says nothing known.
  public init(
    name: String = "model", layers: [Layer], residual: Residual = .add, metadata: [String: String] = [:]
  ) throws(ModelError) {
    try Self.check(layers, name: name)
    if residual != .none, layers.last?.relu == true {
      throw ModelError(file: name, cause: .rectifiedResidual)
    }
    if let color = metadata[Key.color], LumaConvention(metadata: color) == nil {
      throw ModelError(file: name, cause: .malformedDescription(key: Key.color, value: color))
    }
    self.name = name
    self.layers = layers
    self.residual = residual
    self.metadata = metadata.merging(Self.description(layers: layers, residual: residual)) { $1 }
      .merging([Key.color: Self.defaultColor]) { given, _ in given }
  }

  /// Pixels by which the result at a point depends on its surroundings in every direction: one per layer.
  public var halo: Int { layers.count }

  /// Multiply-adds per output pixel: 664,704 for VDSR.
  public var multiplyAddsPerPixel: Int { layers.reduce(0) { $0 + $1.multiplyAddsPerPixel } }
}

extension Model.Layer {
  /// Multiply-adds per pixel.
  public var multiplyAddsPerPixel: Int { 9 * inputChannels * outputChannels }
}

extension Model {
  private static func check(_ layers: [Layer], name: String) throws(ModelError) {
    guard let first = layers.first, let last = layers.last else {
      throw ModelError(file: name, cause: .noLayers)
    }
    for (index, layer) in layers.enumerated() {
      try check(layer, index, name: name)
      if index > 0, layer.inputChannels != layers[index - 1].outputChannels {
        throw ModelError(
          file: name, tensor: weightName(index),
          cause: .brokenChain(
            layer: index, reads: layer.inputChannels, previousWrites: layers[index - 1].outputChannels))
      }
    }
    guard first.inputChannels == 1, last.outputChannels == 1 else {
      throw ModelError(
        file: name, cause: .notLumaToLuma(reads: first.inputChannels, writes: last.outputChannels))
    }
  }

  private static func check(_ layer: Layer, _ index: Int, name: String) throws(ModelError) {
    let weights = layer.inputChannels.multipliedReportingOverflow(by: layer.outputChannels)
    let count = weights.partialValue.multipliedReportingOverflow(by: 9)
    guard layer.inputChannels > 0, layer.outputChannels > 0, !weights.overflow, !count.overflow else {
      throw ModelError(
        file: name, tensor: weightName(index),
        cause: .wrongShape(
          [UInt64(max(0, layer.outputChannels)), UInt64(max(0, layer.inputChannels)), 3, 3],
          expected: [nil, nil, 3, 3]))
    }
    try check(layer.weights, count: count.partialValue, tensor: weightName(index), name: name)
    if let bias = layer.bias {
      try check(bias, count: layer.outputChannels, tensor: biasName(index), name: name)
    }
  }

  private static func check(_ values: [Float], count: Int, tensor: String, name: String) throws(ModelError) {
    guard values.count == count else {
      throw ModelError(file: name, tensor: tensor, cause: .wrongCount(values.count, expected: count))
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw ModelError(file: name, tensor: tensor, cause: .notFinite(index: index))
    }
  }

  static func weightName(_ layer: Int) -> String { "conv\(layer).weight" }
  static func biasName(_ layer: Int) -> String { "conv\(layer).bias" }
}
