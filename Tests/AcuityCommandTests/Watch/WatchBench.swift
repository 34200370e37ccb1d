import Acuity
import Folders
import Foundation
import Ledger
import TestSupport
import Watching

/// Folders for `acuity watch`, with a small model, and pictures whose outputs are known.
final class WatchBench {
  let home: TemporaryFolder
  var model: String

  init() throws {
    home = try TemporaryFolder()
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 2, weights: (0..<18).map { Float($0 % 5 - 2) / 16 },
        bias: [0.1, 0],
        relu: true),
      Model.Layer(
        inputChannels: 2, outputChannels: 1, weights: (0..<18).map { Float($0 % 7 - 3) / 32 }, relu: false),
    ]
    model = try home.write(try Model(layers: layers).serialized(), to: "model.safetensors")
    for name in ["in", "out"] {
      try FileManager.default.createDirectory(atPath: home(name), withIntermediateDirectories: true)
    }
  }

  /// A model with which a picture of some thousands of pixels, enlarged eight times, is in work for longer than a test waits.
  func slowModel() throws -> String { try home.write(Model.slow.serialized(), to: "slow.safetensors") }

  var input: String { home("in") }
  var output: String { home("out") }

  /// Starts a watcher that settles fast.
  func start(
    _ options: [String] = [], settle: String = "0.1", environment: [String: String] = [:],
    input: String? = nil, output: String? = nil, model: String? = nil
  ) throws -> Run {
    let arguments =
      [
        "watch", input ?? self.input, output ?? self.output, "--model", model ?? self.model, "--settle",
        settle,
      ] + options
    return try Acuity.start(arguments.map { Array($0.utf8) }, environment: environment)
  }

  func put(_ bytes: [UInt8], _ name: String) throws { try put(bytes, Array(name.utf8)) }

  /// Into the watched folder, whose names are bytes.
  func put(_ bytes: [UInt8], _ name: [UInt8]) throws {
    try Folder(Array(input.utf8)).write(bytes, to: name, replacing: true)
  }

  func result(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: output + "/" + name).map(Array.init)
  }

  var status: WatchStatus? {
    FileManager.default.contents(atPath: output + "/.acuity/status.json").flatMap {
      try? jsonDecoder.decode(WatchStatus.self, from: $0)
    }
  }

  /// To be opened when no watcher is at work.
  func ledger() throws -> Ledger { try Ledger(path: output + "/.acuity/ledger.sqlite") }

  /// Files below the output folder that are not the watcher's own state, by their paths' bytes as text.
  func outputs() throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: output) where !path.hasPrefix(".acuity/")
    {
      if let content = FileManager.default.contents(atPath: output + "/" + path) {
        result[path] = Array(content)
      }
    }
    return result
  }

  /// How many outputs have their names; without reading them, to be asked often.
  var outputCount: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
    return names.count { !$0.hasPrefix(".") }
  }

  /// Whether the ledger of the watcher that runs says that a file is in work.
  var isAtWork: Bool {
    (try? Ledger(reading: output + "/.acuity/ledger.sqlite").entries(in: .running).isEmpty) == false
  }

  /// The bytes that come of pictures when nothing disturbs: by `acuity upscale`.
  func expected(_ pictures: [String: [UInt8]]) throws -> [String: [UInt8]] {
    let folder = try TemporaryFolder()
    for name in ["in", "out"] {
      try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
    }
    for (name, bytes) in pictures { try folder.write(bytes, to: "in/" + name) }
    _ = try Acuity.run([
      "upscale", folder("in"), "-o", folder("out") + "/", "--model", model, "--isolation", "none",
    ])
    var result: [String: [UInt8]] = [:]
    for name in pictures.keys {
      result[name] = FileManager.default.contents(atPath: folder("out/" + name)).map(Array.init)
    }
    return result
  }
}

/// A small picture file; another seed gives another picture.
func smallPicture(_ seed: Int, width: Int = 16, height: Int = 12, as format: ImageFormat = .png) throws
  -> [UInt8]
{
  try ImageFile.encode(
    Pictures.noise(width: width, height: height, layout: .rgb, seed: UInt64(seed)), as: format)
}

/// A JPEG over which a codec process that is allowed to commits `fault`.
func faultyPicture(_ fault: String, seed: Int = 1) throws -> [UInt8] {
  WorkerFault.jpeg(try smallPicture(seed, as: .jpeg), fault)
}

/// Waits until `condition` holds; false if it does not within a time that is far beyond any expectation.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<30_000 {
    if try condition() { return true }
    usleep(10_000)
  }
  return false
}

private let jsonDecoder = {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return decoder
}()
