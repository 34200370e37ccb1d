extension Model {
  /// The metadata entries by which a file describes its network.
  public enum Key {
    /// The version of this set of entries: `1`.
    public static let format = "acuity.format"
    /// The layers in order, separated by `; `, each `conv3x3 INPUT OUTPUT` and then `bias`, `relu` or both.
    public static let layers = "acuity.layers"
    /// What becomes of the last layer's output: `add`, `subtract` or `none` (see `Model.Residual`).
    public static let residual = "acuity.residual"
    /// What the numbers of the luma plane mean: `bt601-studio/255` is BT.601 luma of 16...235, divided by 255.
    public static let color = "acuity.color"
    /// How the weights were trained, in one line.
    public static let recipe = "acuity.recipe"
  }

  static let formatVersion = "1"
  static let defaultColor = "bt601-studio/255"

  /// A layer without its values.
  struct LayerShape: Equatable {
    let inputChannels: Int
    let outputChannels: Int
    let bias: Bool
    let relu: Bool
  }

  static func description(layers: [Layer], residual: Residual) -> [String: String] {
    let list = layers.map { layer in
      "conv3x3 \(layer.inputChannels) \(layer.outputChannels)"
        + (layer.bias == nil ? "" : " bias") + (layer.relu ? " relu" : "")
    }
    return [
      Key.format: formatVersion,
      Key.layers: list.joined(separator: "; "),
      Key.residual: residual.rawValue,
    ]
  }

  /// Reads `Key.layers`; `nil` where any of it is not understood.
  static func layerShapes(_ text: String) -> [LayerShape]? {
    var shapes: [LayerShape] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      // No file that passed its checks has tensors for more.
      guard shapes.count < SafetensorsFile.maximumEntries else { return nil }
      let words = part.split(separator: " ")
      guard words.count >= 3, words[0] == "conv3x3", let input = channelCount(words[1]),
        let output = channelCount(words[2])
      else { return nil }
      let flags = words[3...]
      guard Set(flags).count == flags.count, flags.allSatisfy({ ["bias", "relu"].contains($0) }) else {
        return nil
      }
      shapes.append(
        LayerShape(
          inputChannels: input, outputChannels: output, bias: flags.contains("bias"),
          relu: flags.contains("relu")))
    }
    return shapes
  }

  /// A positive decimal number, digits alone.
  private static func channelCount(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let count = Int(text),
      count > 0
    else { return nil }
    return count
  }
}
