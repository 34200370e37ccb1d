import Foundation
import SuperResolution
import TestSupport
import Testing

@Suite("Models by name")
struct ModelLookupTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 3, weights: [Float](repeating: 0.1, count: 27), relu: true),
      Model.Layer(
        inputChannels: 3, outputChannels: 1, weights: [Float](repeating: 0.1, count: 27), relu: false),
    ]
    try folder.write(Model(layers: layers).serialized(), to: "tiny.safetensors")
  }

  @Test("A name is looked for in ACUITY_MODELS, a path is taken as it is")
  func names() throws {
    for name in ["tiny", folder("tiny.safetensors")] {
      let run = try Acuity.run(
        ["info", "--model", "--json", name], environment: ["ACUITY_MODELS": folder.path])
      #expect(run.code == 0, "\(run.errors)")
      #expect(try run.object()["halo"] as? Int == 2)
      #expect(try run.object()["multiply_adds_per_pixel"] as? Int == 54)
    }
  }

  @Test("A name may have a dot, and a file in the working directory may be called like it")
  func dots() throws {
    let tiny = try Data(contentsOf: URL(fileURLWithPath: folder("tiny.safetensors")))
    try folder.write(tiny, to: "net.v2.safetensors")
    try folder.write(tiny, to: "net.v3")
    for name in ["net.v2", "net.v2.safetensors", "net.v3"] {
      let command = "ACUITY_MODELS=\(folder.path) '\(Acuity.path)' info --model \(name)"
      let run = try Run.shell(command, in: folder.path)
      #expect(run.code == 0, "\(run.errors)")
    }
    let absent = try Acuity.run(["info", "--model", "net.v4"], environment: ["ACUITY_MODELS": folder.path])
    #expect(absent.code == 78)
    #expect(absent.errors.contains("there are bicubic, ensemble, fast, net.v2, tiny, vdsr"))
  }

  @Test("A model's file is known without being called one")
  func file() throws {
    let run = try Acuity.run(["info", folder("tiny.safetensors")])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.text.contains("2 of 3x3 convolutions"))
  }

  @Test("A name that is nowhere is refused with 78, and the folders are named")
  func nowhere() throws {
    let run = try Acuity.run(["info", "--model", "nosuch"], environment: ["ACUITY_MODELS": folder.path])
    #expect(run.code == 78)
    #expect(run.errors.contains(folder.path))
    #expect(run.errors.contains("share/acuity"))
    #expect(run.errors.contains("there are bicubic, ensemble, fast, tiny, vdsr"))
  }

  @Test("A damaged model is refused with 78")
  func damaged() throws {
    try folder.write([1, 2, 3], to: "bad.safetensors")
    #expect(try Acuity.run(["info", "--model", folder("bad.safetensors")]).code == 78)
    #expect(try Acuity.run(["info", "--model", folder("absent.safetensors")]).code == 78)
  }
}
