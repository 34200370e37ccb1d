import Acuity
import Folders
import Foundation
import TestSupport

/// A place for a run of `acuity upscale`: folders for inputs and outputs, and a model that takes no time.
struct UpscaleFixture {
  let folder: TemporaryFolder
  var inputs: String { folder("in") }
  var outputs: String { folder("out") }
  var model: String { folder("tiny.safetensors") }

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder("in"), withIntermediateDirectories: true)
    var random = RandomSource(seed: 11)
    func layer(_ input: Int, _ output: Int, relu: Bool) -> Model.Layer {
      Model.Layer(
        inputChannels: input, outputChannels: output,
        weights: (0..<9 * input * output).map { _ in Float(random.uniform() - 0.5) * 0.1 }, relu: relu)
    }
    try folder.write(
      Model(layers: [layer(1, 4, relu: true), layer(4, 1, relu: false)]).serialized(), to: "tiny.safetensors")
  }

  /// A picture's file; another seed gives another picture.
  static func picture(
    width: Int = 24, height: Int = 16, layout: Image.Layout = .rgb, depth: Int = 8, seed: UInt64 = 1,
    as format: ImageFormat = .png
  ) throws -> [UInt8] {
    try ImageFile.encode(
      Pictures.noise(width: width, height: height, layout: layout, depth: depth, seed: seed), as: format)
  }

  /// A JPEG whose comment makes a worker misbehave where its environment has `WorkerFault.variables`.
  static func faulty(_ kind: String, seed: UInt64 = 1) throws -> [UInt8] {
    WorkerFault.jpeg(try picture(seed: seed, as: .jpeg), kind)
  }

  /// Puts a file below the inputs, making the folders on the way.
  func put(_ bytes: [UInt8], _ path: String) throws {
    try put(bytes, Array(path.utf8))
  }

  func put(_ bytes: [UInt8], _ path: [UInt8], in root: String? = nil) throws {
    guard let path = RelativePath(path) else { throw Failure() }
    try Folder(Array((root ?? inputs).utf8), create: true).folder(path.folder, create: true)
      .write(bytes, to: path.name, replacing: true)
  }

  struct Failure: Error {}

  /// So many small pictures, of four formats and layouts.
  func putPictures(_ count: Int) throws {
    for index in 0..<count {
      let format: ImageFormat = [.png, .jpeg, .webp][index % 3]
      try put(
        try Self.picture(width: 16 + index % 9, height: 12 + index % 5, seed: UInt64(index), as: format),
        "\(index % 4)/\(index).\(format.fileExtensions[0])")
    }
  }

  func arguments(_ more: [String]) -> [String] {
    ["upscale", inputs, "-o", outputs, "--model", model, "--recursive"] + more
  }

  /// Runs over the whole tree of inputs.
  func run(_ more: [String] = [], environment: [String: String] = [:]) throws -> Acuity.Result {
    try Acuity.run(arguments(more), environment: environment)
  }

  /// Every file below, by its escaped path, with its bytes; what is no file as its kind.
  func tree(_ root: String? = nil) throws -> [String: [UInt8]] {
    guard let folder = try? Folder(Array((root ?? outputs).utf8)) else { return [:] }
    return try folder.tree()
  }

  func clearOutputs() {
    try? FileManager.default.removeItem(atPath: outputs)
  }
}
