import Folders
import Foundation
import ImageFiles
import Pixels
import SuperResolution
import TestSupport
import Testing

@Suite("acuity demo")
struct DemoTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // One that adds nothing, and one that adds a little everywhere.
    for (name, bias) in [("w", 0), ("bright", 0.1)] as [(String, Float)] {
      let layer = Model.Layer(
        inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0, count: 9), bias: [bias],
        relu: false)
      try folder.write(Model(layers: [layer]).serialized(), to: name + ".safetensors")
    }
  }

  @Test("Shows bicubic and the model side by side and says where", arguments: ["2", "3", "4"])
  func sideBySide(_ scale: String) throws {
    let path = folder("demo\(scale).png")
    let arguments = [
      "demo", "--side", "96", "--scale", scale, "--model", folder("w.safetensors"), "--output", path,
    ]
    let run = try Acuity.run(arguments)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.text.hasPrefix(path))
    let image = try ImageFile.read(path)
    #expect(image.layout == .rgb)
    #expect(image.width == 2 * 96 + 3 * 8)
    // A model that adds nothing shows the same as bicubic interpolation, below the labels.
    let halves = Self.halves(image)
    #expect(halves.allSatisfy { $0.left == $0.right })
    #expect(Set(image.samples.values).count > 100, "there is something to see")
    // Any other model shows on the right, and there alone.
    let bright = try Acuity.run(
      arguments.map { $0.hasSuffix("w.safetensors") ? folder("bright.safetensors") : $0 })
    #expect(bright.code == 0, "\(bright.errors)")
    let other = Self.halves(try ImageFile.read(path))
    #expect(zip(other, halves).allSatisfy { $0.left == $1.left && $0.right != $1.right })
    #expect(other.allSatisfy { zip($0.left, $0.right).allSatisfy { $0 <= $1 } }, "brighter")
  }

  /// The rows below the labels of a picture of 96 pixels, and of the one beside it.
  private static func halves(_ image: Image) -> [(left: [Int], right: [Int])] {
    let samples = image.samples.values
    let stride = 3 * image.width
    return (14..<14 + 96).map { row in
      (
        Array(samples[row * stride + 3 * 8..<row * stride + 3 * (8 + 96)]),
        Array(samples[row * stride + 3 * (16 + 96)..<row * stride + 3 * (16 + 2 * 96)])
      )
    }
  }

  @Test("The picture is the same every time, and an existing one is replaced")
  func again() throws {
    let arguments = [
      "demo", "--side", "48", "--model", folder("w.safetensors"), "--output", folder("demo.png"),
    ]
    #expect(try Acuity.run(arguments).code == 0)
    let first = try Data(contentsOf: URL(fileURLWithPath: folder("demo.png")))
    #expect(try Acuity.run(arguments).code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder("demo.png"))) == first)
    #expect(try folder.entries == ["bright.safetensors", "demo.png", "w.safetensors"])
  }

  @Test("A place that cannot be written is refused")
  func refused() throws {
    let model = folder("w.safetensors")
    let nowhere = try Acuity.run([
      "demo", "--side", "48", "--model", model, "--output", folder("absent/demo.png"),
    ])
    #expect(nowhere.code == 73)
    #expect(nowhere.errors.contains("absent"))
    #expect(try Acuity.run(["demo", "--scale", "5"]).code == 64)
    let pipe = folder("pipe.png")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(try Acuity.run(["demo", "--side", "48", "--model", model, "--output", pipe]).code == 73)
    #expect(
      try folder.folder.status(Array("pipe.png".utf8))?.kind != .file, "what is no file is not replaced")
    for name in [folder("x.jpg"), folder("x"), "-"] {
      #expect(
        try Acuity.run(["demo", "--side", "48", "--model", model, "--output", name]).code == 64, "\(name)")
    }
  }
}
