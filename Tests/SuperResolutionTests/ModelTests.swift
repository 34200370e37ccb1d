import Foundation
import SuperResolution
import TestSupport
import Testing

@Suite("Models")
struct ModelTests {
  @Test("A model written and read back is the same, byte for byte")
  func roundTrip() throws {
    for bias in [true, false] {
      for residual in Model.Residual.allCases {
        let metadata = [Model.Key.recipe: "tab\t, quote \", backslash \\, NUL \0, é, 😀", "other": ""]
        let model = try Model(
          name: "m", layers: randomLayers([1, 5, 2, 1], seed: 7, bias: bias), residual: residual,
          metadata: metadata)
        let bytes = model.serialized()
        let again = try Model(bytes: bytes, name: "m")
        #expect(again == model)
        #expect(again.serialized() == bytes)
        #expect(again.metadata["other"]?.isEmpty == true)
      }
    }
  }

  @Test("Values start at a multiple of 8 bytes")
  func alignment() throws {
    for length in 0..<9 {
      let model = try Model(
        layers: randomLayers([1, 1], seed: 1), metadata: ["k": String(repeating: "x", count: length)])
      #expect(model.serialized()[0] % 8 == 0)
    }
  }

  @Test("The halo is one pixel a layer, and the work nine multiply-adds a channel pair")
  func figures() throws {
    let vdsr = try Model(layers: randomLayers([1] + [Int](repeating: 64, count: 19) + [1], seed: 1))
    #expect(vdsr.halo == 20)
    #expect(vdsr.multiplyAddsPerPixel == 664_704)
    #expect(
      vdsr.metadata[Model.Key.layers]?.hasPrefix("conv3x3 1 64 bias relu; conv3x3 64 64 bias relu") == true)
    #expect(vdsr.metadata[Model.Key.layers]?.hasSuffix("; conv3x3 64 1 bias") == true)
    #expect(vdsr.metadata[Model.Key.format] == "1")
  }

  // MARK: - Files without a description

  @Test(
    "The reference VDSR weights are read as 20 layers with rectifiers between",
    .enabled(if: SharedData.exists("weights/vdsr-official.safetensors"), "needs the reference weights"))
  func plainVDSR() throws {
    let path = try #require(SharedData.path("weights/vdsr-official.safetensors"))
    let model = try Model(contentsOf: path)
    #expect(model.layers.count == 20)
    #expect(model.layers.map(\.relu) == [Bool](repeating: true, count: 19) + [false])
    #expect(model.layers.allSatisfy { $0.bias != nil })
    #expect(model.residual == .add)
    #expect(model.metadata["source"] == "huangzehao/caffe-vdsr")
    #expect(try Model(bytes: model.serialized(), name: path) == model)
  }

  @Test(
    "A denoiser whose metadata says so subtracts its output",
    .enabled(if: SharedData.exists("weights/dncnn-gray-sigma25.safetensors"), "needs the reference weights"))
  func plainDenoiser() throws {
    let path = try #require(SharedData.path("weights/dncnn-gray-sigma25.safetensors"))
    let model = try Model(contentsOf: path)
    #expect(model.layers.count == 17)
    #expect(model.residual == .subtract)
  }

  @Test("What a plain file says of its residual is understood or refused")
  func plainResiduals() throws {
    func model(_ metadata: [String: String]) throws -> Model {
      try Model(bytes: file(["conv0.weight": [1, 1, 3, 3]], metadata: metadata), name: "m")
    }
    #expect(try model([:]).residual == .add)
    #expect(try model(["residual": "subtract: input - net(input)"]).residual == .subtract)
    #expect(try model(["residual": "none"]).residual == Model.Residual.none)
    #expect(throws: ModelError.self) { try model(["residual": "multiply"]) }
    #expect(throws: ModelError.self) { try model(["acuity.color": "green"]) }
  }

  @Test("A plain chain without biases, or with some, is a model")
  func plainChains() throws {
    for biases in [[], [0], [1], [0, 1]] {
      let bytes = file(
        ["conv0.weight": [3, 1, 3, 3], "conv1.weight": [1, 3, 3, 3]], biases: biases, [3, 1])
      let model = try Model(bytes: bytes, name: "plain")
      #expect(model.layers.map { $0.bias != nil } == [biases.contains(0), biases.contains(1)])
      #expect(model.layers.map(\.relu) == [true, false])
    }
  }

  // MARK: - Refusals

  struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let tensors: [String: [Int]]
    let tensor: String?
    let cause: ModelError.Cause
    var metadata: [String: String] = [:]
    var type = "F32"
    var value: Float = 0

    var testDescription: String { name }
  }

  private static let described = [
    Model.Key.format: "1", Model.Key.residual: "add", Model.Key.layers: "conv3x3 1 2 relu; conv3x3 2 1",
  ]
  private static let good = ["conv0.weight": [2, 1, 3, 3], "conv1.weight": [1, 2, 3, 3]]

  private static func described(_ key: String, _ value: String?) -> [String: String] {
    described.merging([key: value ?? ""]) { $1 }.filter { $0.key != key || value != nil }
  }

  static let refusals: [Refusal] = [
    Refusal(name: "nothing", tensors: [:], tensor: "conv0.weight", cause: .missingTensor),
    Refusal(
      name: "another kind of network", tensors: ["fc.weight": [1, 1]], tensor: "conv0.weight",
      cause: .missingTensor),
    Refusal(
      name: "a gap", tensors: ["conv0.weight": [1, 1, 3, 3], "conv2.weight": [1, 1, 3, 3]],
      tensor: "conv2.weight", cause: .unexpectedTensor),
    Refusal(
      name: "a stray bias", tensors: ["conv0.weight": [1, 1, 3, 3], "conv1.bias": [1]], tensor: "conv1.bias",
      cause: .unexpectedTensor),
    Refusal(
      name: "a number with a leading zero", tensors: ["conv0.weight": [1, 1, 3, 3], "conv01.weight": [1]],
      tensor: "conv01.weight", cause: .unexpectedTensor),
    Refusal(
      name: "5x5", tensors: ["conv0.weight": [1, 1, 5, 5]], tensor: "conv0.weight",
      cause: .wrongShape([1, 1, 5, 5], expected: [nil, nil, 3, 3])),
    Refusal(
      name: "a flat shape", tensors: ["conv0.weight": [9]], tensor: "conv0.weight",
      cause: .wrongShape([9], expected: [nil, nil, 3, 3])),
    Refusal(
      name: "no channels", tensors: ["conv0.weight": [0, 1, 3, 3]], tensor: "conv0.weight",
      cause: .wrongShape([0, 1, 3, 3], expected: [nil, nil, 3, 3])),
    Refusal(
      name: "a bias too long", tensors: ["conv0.weight": [1, 1, 3, 3], "conv0.bias": [2]],
      tensor: "conv0.bias", cause: .wrongShape([2], expected: [1])),
    Refusal(
      name: "a broken chain", tensors: ["conv0.weight": [2, 1, 3, 3], "conv1.weight": [1, 3, 3, 3]],
      tensor: "conv1.weight", cause: .brokenChain(layer: 1, reads: 3, previousWrites: 2)),
    Refusal(
      name: "three channels in", tensors: ["conv0.weight": [1, 3, 3, 3]], tensor: nil,
      cause: .notLumaToLuma(reads: 3, writes: 1)),
    Refusal(
      name: "four channels out", tensors: ["conv0.weight": [4, 1, 3, 3]], tensor: nil,
      cause: .notLumaToLuma(reads: 1, writes: 4)),
    Refusal(
      name: "half precision", tensors: ["conv0.weight": [1, 1, 3, 3]], tensor: "conv0.weight",
      cause: .unsupportedDataType("I32"), type: "I32"),
    Refusal(
      name: "infinity", tensors: ["conv0.weight": [1, 1, 3, 3]], tensor: "conv0.weight",
      cause: .notFinite(index: 0), value: .infinity),
    Refusal(
      name: "not a number", tensors: ["conv0.weight": [1, 1, 3, 3]], tensor: "conv0.weight",
      cause: .notFinite(index: 0), value: .nan),
    Refusal(
      name: "a later format", tensors: good, tensor: nil, cause: .unknownFormat("2"),
      metadata: described(Model.Key.format, "2")),
    Refusal(
      name: "no list of layers", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.layers, value: ""),
      metadata: described(Model.Key.layers, nil)),
    Refusal(
      name: "an unknown kind of layer", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.layers, value: "conv5x5 1 1"),
      metadata: described(Model.Key.layers, "conv5x5 1 1")),
    Refusal(
      name: "an unknown flag", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.layers, value: "conv3x3 1 1 tanh"),
      metadata: described(Model.Key.layers, "conv3x3 1 1 tanh")),
    Refusal(
      name: "a negative count", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.layers, value: "conv3x3 1 -1"),
      metadata: described(Model.Key.layers, "conv3x3 1 -1")),
    Refusal(
      name: "an unknown residual", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.residual, value: "multiply"),
      metadata: described(Model.Key.residual, "multiply")),
    Refusal(
      name: "colours that nobody knows", tensors: good, tensor: nil,
      cause: .malformedDescription(key: Model.Key.color, value: "rgb"),
      metadata: described(Model.Key.color, "rgb")),
    Refusal(
      name: "a described layer without weights", tensors: ["conv0.weight": [2, 1, 3, 3]],
      tensor: "conv1.weight", cause: .missingTensor, metadata: described),
    Refusal(
      name: "a described bias that is missing", tensors: good, tensor: "conv1.bias", cause: .missingTensor,
      metadata: described(Model.Key.layers, "conv3x3 1 2 relu; conv3x3 2 1 bias")),
    Refusal(
      name: "a bias that is not described", tensors: good.merging(["conv1.bias": [1]]) { $1 },
      tensor: "conv1.bias", cause: .unexpectedTensor, metadata: described),
    Refusal(
      name: "another shape than described",
      tensors: ["conv0.weight": [3, 1, 3, 3], "conv1.weight": [1, 2, 3, 3]], tensor: "conv0.weight",
      cause: .wrongShape([3, 1, 3, 3], expected: [2, 1, 3, 3]), metadata: described),
    Refusal(
      name: "channels whose product overflows", tensors: good, tensor: "conv0.weight",
      cause: .wrongShape([2, 1, 3, 3], expected: [1 << 62, 1, 3, 3]),
      metadata: described(Model.Key.layers, "conv3x3 1 \(1 << 62) relu; conv3x3 \(1 << 62) 1")),
  ]

  @Test("What is no usable model is refused by the name of the tensor and the cause", arguments: refusals)
  func refuses(_ refusal: Refusal) {
    let bytes = file(
      refusal.tensors, metadata: refusal.metadata, type: refusal.type, value: refusal.value)
    #expect(throws: ModelError(file: "f", tensor: refusal.tensor, cause: refusal.cause)) {
      try Model(bytes: bytes, name: "f")
    }
  }

  @Test("Layers whose arrays do not fit their channels are refused")
  func wrongLayers() {
    let nine = [Float](repeating: 0, count: 9)
    func layer(_ input: Int, _ output: Int, _ weights: [Float], _ bias: [Float]? = nil) -> Model.Layer {
      Model.Layer(inputChannels: input, outputChannels: output, weights: weights, bias: bias, relu: false)
    }
    func refused(_ layers: [Model.Layer], _ tensor: String?, _ cause: ModelError.Cause) {
      #expect(throws: ModelError(file: "m", tensor: tensor, cause: cause)) {
        try Model(name: "m", layers: layers)
      }
    }
    refused([], nil, .noLayers)
    refused([layer(1, 1, [1])], "conv0.weight", .wrongCount(1, expected: 9))
    refused([layer(1, 1, nine, [1, 2])], "conv0.bias", .wrongCount(2, expected: 1))
    refused([layer(1, 1, nine, [.nan])], "conv0.bias", .notFinite(index: 0))
    refused([layer(0, 1, [])], "conv0.weight", .wrongShape([1, 0, 3, 3], expected: [nil, nil, 3, 3]))
    refused([layer(1, -1, [])], "conv0.weight", .wrongShape([0, 1, 3, 3], expected: [nil, nil, 3, 3]))
    refused(
      [layer(1, .max, nine)], "conv0.weight",
      .wrongShape([UInt64(Int.max), 1, 3, 3], expected: [nil, nil, 3, 3]))
  }

  @Test("A rectifier may follow the last layer only where its output is the result")
  func rectifiedResidual() throws {
    let last = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0.1, count: 9), relu: true)
    let text = "conv3x3 1 1 relu"
    for residual in Model.Residual.allCases {
      let bytes = file(
        ["conv0.weight": [1, 1, 3, 3]],
        metadata: [
          Model.Key.format: "1", Model.Key.layers: text, Model.Key.residual: residual.rawValue,
        ])
      if residual == .none {
        #expect(try Model(layers: [last], residual: residual).layers == [last])
        #expect(try Model(bytes: bytes, name: "m").layers.last?.relu == true)
      } else {
        let error = ModelError(file: "m", cause: .rectifiedResidual)
        #expect(throws: error) { try Model(name: "m", layers: [last], residual: residual) }
        #expect(throws: error) { try Model(bytes: bytes, name: "m") }
      }
    }
  }

  @Test("A colour convention that says nothing known is refused, in code as in a file")
  func unknownColor() throws {
    let layers = try smallModel().layers
    for color in ["bt601-Full/255", "", "srgb"] {
      #expect(throws: ModelError(file: "m", cause: .malformedDescription(key: Model.Key.color, value: color)))
      {
        try Model(name: "m", layers: layers, metadata: [Model.Key.color: color])
      }
    }
    for color in ["bt601-studio/255", "bt601-full/255"] {
      let model = try Model(name: "m", layers: layers, metadata: [Model.Key.color: color])
      #expect(try Model(bytes: model.serialized(), name: "m") == model)
    }
  }

  // MARK: - Paths

  @Test("What cannot be read is refused by path and cause")
  func unreadable() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("acuity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func cause(_ path: String) -> ModelError.Cause? {
      do throws(ModelError) {
        _ = try Model(contentsOf: path)
        return nil
      } catch {
        #expect(error.file == path)
        #expect(error.description.hasPrefix(path + ": "))
        return error.cause
      }
    }
    let missing = folder.appendingPathComponent("missing").path
    #expect(cause(missing) == .unreadable(errno: ENOENT))
    #expect(cause(missing + "\0") == .unreadable(errno: ENOENT))
    #expect(cause(folder.path) == .notARegularFile)
    #expect(cause("/dev/zero") == .notARegularFile)

    let pipe = folder.appendingPathComponent("pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(cause(pipe) == .notARegularFile)

    let huge = folder.appendingPathComponent("huge").path
    #expect(FileManager.default.createFile(atPath: huge, contents: nil))
    #expect(truncate(huge, off_t(Model.maximumFileSize) + 1) == 0)
    #expect(
      cause(huge)
        == .fileTooLarge(bytes: Model.maximumFileSize + 1, limit: Model.maximumFileSize))

    let good = folder.appendingPathComponent("good").path
    let model = try smallModel()
    try Data(model.serialized()).write(to: URL(fileURLWithPath: good))
    let read = try Model(contentsOf: good)
    #expect(read.layers == model.layers && read.name == good)
  }
}

/// A safetensors file of these tensors, in the order of their names, every value the same.
private func file(
  _ tensors: [String: [Int]], biases: [Int] = [], _ channels: [Int] = [], metadata: [String: String] = [:],
  type: String = "F32", value: Float = 0
) -> [UInt8] {
  var tensors = tensors
  for layer in biases { tensors["conv\(layer).bias"] = [channels[layer]] }
  var offset = 0
  var members = metadata.isEmpty ? [] : ["\"__metadata__\":\(metadata.jsonText)"]
  for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
    let end = offset + shape.reduce(4, *)
    members.append(
      "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(end)]}")
    offset = end
  }
  let values = (0..<offset / 4).flatMap { _ in
    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }
  return HeaderCase("", .accepted, "{\(members.joined(separator: ","))}").bytes + values
}

extension [String: String] {
  fileprivate var jsonText: String {
    "{\(sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ","))}"
  }
}
