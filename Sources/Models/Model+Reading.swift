extension Model {
  /// The largest file that is read: hundreds of times VDSR's 2.7 MB.
  public static let maximumFileSize = 1 << 30

  /// Reads and checks a safetensors file; nothing in it is trusted.
  ///
  /// - Throws: `ModelError`, naming the file, the tensor and the cause.
  /// - Complexity: one read of the file; memory of its size.
  public init(contentsOf path: String) throws(ModelError) {
    try self.init(pathBytes: Array(path.utf8), name: path)
  }

  /// The same for a path of any bytes, without a closing zero; errors call the file `name`.
  package init(pathBytes: [UInt8], name: String) throws(ModelError) {
    let file = try ModelFile(pathBytes, name: name, limit: Self.maximumFileSize)
    try self.init(SafetensorsFile(file, name: name))
  }

  /// Checks a safetensors file that is in memory already.
  ///
  /// Two kinds are accepted. A file whose metadata has `Model.Key.format` describes its network itself. A file
  /// without is taken for a plain chain of `convN.weight` `[out, in, 3, 3]` with an optional `convN.bias` `[out]`,
  /// N from 0 on: rectifiers between all layers, the result added to the input, unless the metadata entry `residual`
  /// begins with the word `subtract` or `none`.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what errors call the file.
  /// - Throws: `ModelError`, naming the file, the tensor and the cause.
  public init(bytes: [UInt8], name: String) throws(ModelError) {
    try self.init(SafetensorsFile(bytes: bytes, name: name))
  }

  private init(_ file: SafetensorsFile) throws(ModelError) {
    let name = file.name
    let shapes: [LayerShape]
    let residual: Residual
    if let version = file.metadata[Key.format] {
      guard version == Self.formatVersion else {
        throw ModelError(file: name, cause: .unknownFormat(version))
      }
      shapes = try file.describe(Key.layers, Self.layerShapes)
      residual = try file.describe(Key.residual, Residual.init(rawValue:))
    } else {
      shapes = try file.plainChain()
      let key = "residual"
      residual = file.metadata[key] == nil ? .add : try file.describe(key, Residual.init(plainText:))
    }
    try self.init(name: name, layers: file.layers(shapes), residual: residual, metadata: file.metadata)
  }
}

extension Model.Residual {
  /// By the first word, as in `subtract: output = input - net(input)`.
  fileprivate init?(plainText: String) {
    self.init(rawValue: String(plainText.prefix { $0.isLetter }))
  }
}

extension SafetensorsFile {
  /// A metadata entry that has to be there and to be understood.
  fileprivate func describe<Value>(_ key: String, _ parse: (String) -> Value?) throws(ModelError) -> Value {
    guard let text = metadata[key], let value = parse(text) else {
      throw ModelError(file: name, cause: .malformedDescription(key: key, value: metadata[key] ?? ""))
    }
    return value
  }

  /// The layers that a file without description holds, by the names and shapes of its tensors.
  fileprivate func plainChain() throws(ModelError) -> [Model.LayerShape] {
    let byName = tensorsByName
    var shapes: [Model.LayerShape] = []
    while let weight = byName[Array(Model.weightName(shapes.count).utf8)] {
      guard weight.shape.count == 4, weight.shape[2...] == [3, 3], let output = Int(exactly: weight.shape[0]),
        let input = Int(exactly: weight.shape[1]), output > 0, input > 0
      else {
        throw ModelError(
          file: name, tensor: weight.name, cause: .wrongShape(weight.shape, expected: [nil, nil, 3, 3]))
      }
      shapes.append(
        Model.LayerShape(
          inputChannels: input, outputChannels: output,
          bias: byName[Array(Model.biasName(shapes.count).utf8)] != nil, relu: true))
    }
    guard let last = shapes.popLast() else {
      throw ModelError(file: name, tensor: Model.weightName(0), cause: .missingTensor)
    }
    return shapes + [
      Model.LayerShape(
        inputChannels: last.inputChannels, outputChannels: last.outputChannels, bias: last.bias, relu: false)
    ]
  }

  /// The values for layers of these shapes: every tensor that they call for is there, and no other.
  fileprivate func layers(_ shapes: [Model.LayerShape]) throws(ModelError) -> [Model.Layer] {
    var remaining = tensorsByName
    func values(_ tensorName: String, shape: [Int]) throws(ModelError) -> [Float] {
      guard let tensor = remaining.removeValue(forKey: Array(tensorName.utf8)) else {
        throw ModelError(file: name, tensor: tensorName, cause: .missingTensor)
      }
      guard tensor.shape == shape.map(UInt64.init) else {
        throw ModelError(file: name, tensor: tensorName, cause: .wrongShape(tensor.shape, expected: shape))
      }
      return try floats(of: tensor)
    }
    // Unexpected tensors first: a surplus layer would else be reported only after all others were read.
    let expected = Set(
      shapes.indices.flatMap { index in
        [Model.weightName(index)] + (shapes[index].bias ? [Model.biasName(index)] : [])
      })
    if let surplus = tensors.first(where: { !expected.contains($0.name) }) {
      throw ModelError(file: name, tensor: surplus.name, cause: .unexpectedTensor)
    }
    var layers: [Model.Layer] = []
    for (index, shape) in shapes.enumerated() {
      layers.append(
        Model.Layer(
          inputChannels: shape.inputChannels, outputChannels: shape.outputChannels,
          weights: try values(
            Model.weightName(index), shape: [shape.outputChannels, shape.inputChannels, 3, 3]),
          bias: shape.bias ? try values(Model.biasName(index), shape: [shape.outputChannels]) : nil,
          relu: shape.relu))
    }
    return layers
  }

  private var tensorsByName: [[UInt8]: Tensor] {
    Dictionary(uniqueKeysWithValues: tensors.map { (Array($0.name.utf8), $0) })
  }
}
