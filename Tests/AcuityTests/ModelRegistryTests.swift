import Acuity
import Foundation
import TestSupport
import Testing

@Suite("The registry of models")
struct ModelRegistryTests {
  /// Makes every plane black.
  private struct Night: LumaModel {
    let choices: ModelRegistry.Choices
    var multiplyAddsPerPixel: Int { 1 }
    var content: [UInt8] { Array("night 1".utf8) }

    func enhance(
      size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
    ) throws {
      let row = [Float](repeating: 16 / 255, count: size.width)
      for y in 0..<size.height { sink(Rect(x: 0, y: y, width: size.width, height: 1), row, size.width) }
    }
  }

  private static let night = ModelRegistry.Entry(name: "night", summary: "black") { Night(choices: $0) }

  @Test("Those that come with Acuity can all be made, and are told apart")
  func builtIn() throws {
    let registry = ModelRegistry.builtIn
    #expect(registry.entries.map(\.name) == ["vdsr", "fast", "ensemble", "bicubic"])
    let models = try registry.entries.map { try registry.model($0.name) }
    #expect(Set(models.map(\.content)).count == models.count)
    #expect(try registry.model().content == models[0].content)
    #expect(models.map(\.multiplyAddsPerPixel) == [664_704, models[1].multiplyAddsPerPixel, 8 * 664_704, 0])
    #expect(models[2] is SelfEnsemble && models[3] is Bicubic)
  }

  @Test("The folder of ACUITY_MODELS goes before those that ship")
  func ownFolder() async {
    await #expect(processExitsWith: .success) {
      setenv("ACUITY_MODELS", "/own", 1)
      let folders = ModelCatalog.folders
      exit(folders.first == "/own" && folders.count > 1 ? 0 : 1)
    }
  }

  @Test("A registered one is made with the choices, and enlarges pictures")
  func registered() throws {
    var registry = ModelRegistry.builtIn
    try registry.register(Self.night)
    let model = try registry.model(
      "night", ModelRegistry.Choices(instructionSet: .baseline, algorithm: .direct))
    let choices = try #require(model as? Night).choices
    #expect(choices.instructionSet == .baseline && choices.algorithm == .direct)
    let image = Pictures.noise(width: 5, height: 4, layout: .gray, seed: 1)
    let large = try Upscaler(model).upscale(image, to: Size(width: 10, height: 8))
    #expect(large.samples.values == [Int](repeating: 0, count: 80))
    // The other registry, and a later one of the built-in ones, know nothing of it.
    #expect(ModelRegistry.builtIn["night"] == nil)
  }

  @Test("A network is made as it is chosen")
  func networks() throws {
    let model = try ModelRegistry.builtIn.model(
      "fast", ModelRegistry.Choices(instructionSet: .baseline, algorithm: .winograd4))
    let network = try #require(model as? Network)
    #expect(network.instructionSet == .baseline && network.algorithm == .winograd4)
    #expect(try network.model == ModelCatalog.load("fast"))
  }

  @Test("An unknown name is refused with all that there are")
  func unknown() throws {
    var registry = ModelRegistry.builtIn
    try registry.register(Self.night)
    let error = #expect(throws: ModelError.self) { try registry.model("nihgt") }
    guard case .notFound(_, let available) = error?.cause else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(Set(["bicubic", "ensemble", "fast", "night", "vdsr"]).isSubset(of: available))
    #expect(available == available.sorted())
    // The catalog has files alone.
    #expect(throws: ModelError.self) { try ModelCatalog.load("bicubic") }
  }

  @Test("A name is registered once, and never looks like a path", arguments: ["night", "", "a/b", "a.b"])
  func refused(_ name: String) throws {
    var registry = ModelRegistry()
    try registry.register(Self.night)
    let error = #expect(throws: ModelError.self) {
      try registry.register(ModelRegistry.Entry(name: name, summary: "") { _ in Bicubic() })
    }
    guard case .notRegistrable = error?.cause else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(registry.entries.count == 1)
  }
}
