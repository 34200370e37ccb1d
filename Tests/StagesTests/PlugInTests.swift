import Foundation
import Pixels
import Stages
import TestSupport
import Testing

/// The example plug-ins, loaded from the build's folder as a user would load them.
@Suite struct PlugInTests {
  private static func registry(_ names: String...) throws -> StageRegistry {
    var registry = StageRegistry.builtIn
    for name in names { #expect(try registry.loadPlugIns(BuiltProducts.library(name)).isEmpty) }
    return registry
  }

  // MARK: - Examples

  @Test func `the table of a plug-in is listed like that of any stage`() throws {
    let registry = try Self.registry("ExampleC", "ExampleSwift")
    let vignette = try #require(registry["vignette"])
    #expect(vignette.plugIn == BuiltProducts.library("ExampleC"))
    #expect(vignette.summary == "Darken towards the corners (an example in C)")
    #expect(
      vignette.options == [
        StageOption(
          "strength", .number(0...1), default: "0.5", help: "how much darker the corners become"),
        StageOption(
          "shape", .choice(["round", "square"]), default: "round",
          help: "whether the darkening follows a circle or the frame"),
      ])
    #expect(registry["frame"]?.options.first?.kind == .integer(1...1000))
    let error = #expect(throws: StageError.self) {
      try registry.check(StageRequest("vignette", [.init("shape", "oval")]))
    }
    #expect("\(try #require(error))".contains("one of round, square"))
  }

  @Test(arguments: Form.all) func `the example in C darkens the corners`(form: Form) async throws {
    let image = Pictures.noise(width: 33, height: 20, layout: form.layout, depth: form.depth, seed: 1)
    let output = try await run(
      "vignette:strength=0.8,shape=square", image, registry: try Self.registry("ExampleC"))
    let expected = image.filled { x, y, channel in
      let own = image.value(x, y, channel)
      if image.layout.hasAlpha && channel == image.colors { return own }
      let (u, v) = (2 * Double(x) / 32 - 1, 2 * Double(y) / 19 - 1)
      return own * (1 - 0.8 * max(u * u, v * v))
    }
    #expect(output.distance(to: expected) <= 1)
  }

  @Test(arguments: Form.all) func `the example in Swift makes the picture larger`(form: Form) async throws {
    var image = Pictures.noise(width: 18, height: 5, layout: form.layout, depth: form.depth, seed: 2)
    image.metadata.xmp = bytes("<x tiff:ImageWidth='18' tiff:ImageLength='5'/>")
    let output = try await run(
      "frame:border=3,shade=0.5", image, registry: try Self.registry("ExampleSwift"))
    let size = Size(width: 24, height: 11)
    var expected = image.filled(size: size) { x, y, channel in
      if (3..<21).contains(x) && (3..<8).contains(y) { return image.value(x - 3, y - 3, channel) }
      return image.layout.hasAlpha && channel == image.colors ? image.peak : image.peak * 0.5
    }
    expected.metadata.xmp = bytes("<x tiff:ImageWidth='24' tiff:ImageLength='11'/>")
    #expect(output == expected)
  }

  @Test func `plug-ins and built-in stages go together`() async throws {
    let image = Pictures.noise(width: 10, height: 10, layout: .rgb, seed: 3)
    let output = try await run(
      "frame:border=5,grayscale,resize:scale=2,vignette", image,
      registry: try Self.registry("ExampleC", "ExampleSwift"))
    #expect(output.size == Size(width: 40, height: 40) && output.layout == .gray)
  }

  @Test func `what a stage has loaded is told apart`() throws {
    let registry = try Self.registry("ExampleC", "ExampleSwift")
    func content(_ text: String) throws -> [UInt8] {
      try registry.pipeline(parsing: text, environment: StageEnvironment()).loadedContent
    }
    #expect(try content("vignette").count > 1000)
    #expect(try content("vignette") == content("vignette:strength=0"))
    #expect(try content("vignette") != content("frame"))
    #expect(try content("vignette,frame") != content("frame,vignette"))
    #expect(try content("sharpen") == content("grayscale"))
  }

  @Test func `what a plug-in's file holds is told apart`() throws {
    let folder = try TemporaryFolder()
    let registry = try Self.registry("Misbehaving")
    func content(_ text: String) throws -> [UInt8] {
      try registry.pipeline(parsing: text, environment: StageEnvironment(baseDirectory: folder.path))
        .loadedContent
    }
    let without = try content("misbehaving")
    #expect(try content("misbehaving:file=table") == without, "it is not there")
    try folder.write([1, 2], to: "table")
    let first = try content("misbehaving:file=table")
    #expect(try first != without && content("misbehaving:file=table") == first)
    try folder.write([1, 3], to: "table")
    #expect(try content("misbehaving:file=table") != first)
  }

  // MARK: - Loading

  @Test(arguments: [
    ("OtherVersion", "version 2 of the plug-in interface"), ("NoEntry", "acuity_plugin_entry"),
    ("Missing", "No such file"),
  ])
  func `a library that is no plug-in of this version is refused`(name: String, reason: String) throws {
    let path = BuiltProducts.library(name)
    var registry = StageRegistry.builtIn
    let error = #expect(throws: StageError.self) { try registry.loadPlugIns(path) }
    let text = "\(try #require(error))"
    #expect(text.contains(path) && text.contains(reason))
    #expect(registry.entries.count == StageRegistry.builtIn.entries.count)
  }

  @Test func `files that aren't libraries are refused without waiting`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("not a library".utf8), to: "text.so")
    try folder.write([], to: "empty.so")
    #expect(mkfifo(folder("fifo.so"), 0o600) == 0)
    for name in ["text.so", "empty.so", "fifo.so", "a\0b"] {
      var registry = StageRegistry.builtIn
      #expect(throws: StageError.self) { try registry.loadPlugIns(folder(name)) }
    }
  }

  #if os(Linux)
    /// The loader maps what is not there, and the process dies of it. What tells debuggers of it may be missing.
    @Test func `a library that was cut is refused, or complete enough`() throws {
      let whole = try Data(contentsOf: URL(fileURLWithPath: BuiltProducts.library("ExampleC")))
      let folder = try TemporaryFolder()
      var refused = 0
      for share in 1..<40 {
        let path = try folder.write(whole.prefix(whole.count * share / 40), to: "cut\(share).so")
        var registry = StageRegistry()
        do {
          #expect(try registry.loadPlugIns(path).isEmpty && registry.entries.map(\.name) == ["vignette"])
        } catch {
          #expect("\(error)".contains("cut short"))
          refused += 1
        }
      }
      #expect(refused > 5)
    }
  #endif

  @Test func `a folder without any plug-in is told as that`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("no plug-in".utf8), to: "notes.txt")
    var registry = StageRegistry()
    let problems = try registry.loadPlugIns(folder.path)
    #expect(
      problems.map(\.description) == [
        "plug-in \(folder.path): the folder has no .so or .dylib in it: name one that has"
      ])
  }

  @Test func `in a folder, a bad plug-in keeps no other from loading`() throws {
    let folder = try TemporaryFolder()
    for name in ["ExampleC", "NoEntry", "OtherVersion", "ExampleSwift"] {
      let library = URL(fileURLWithPath: BuiltProducts.library(name))
      try FileManager.default.copyItem(atPath: library.path, toPath: folder(library.lastPathComponent))
    }
    try folder.write(Array("no plug-in".utf8), to: "notes.txt")
    var registry = StageRegistry()
    let problems = try registry.loadPlugIns(folder.path)
    #expect(registry.entries.map(\.name) == ["vignette", "frame"])
    #expect(problems.count == 2)
    // The same names again.
    #expect(try registry.loadPlugIns(folder.path).count == 4)
    let error = #expect(throws: StageError.self) {
      try registry.loadPlugIns(BuiltProducts.library("ExampleC"))
    }
    #expect(error?.description.contains("'vignette'") == true)
    #expect(error?.description.contains("ExampleC") == true)
  }

  // MARK: - Misbehaviour

  @Test(arguments: [
    ("size", "only square pictures"), ("zero-size", "0x9"), ("negative-size", "12x-9"),
    ("huge-size", "can't be"), ("process", "too dark at 1,2"), ("process-silently", "failed with 7"),
    ("endless-text", "aaaa"), ("nan", "11,8 of channel 3 is NaN"),
    ("infinity", "11,8 of channel 3 is infinite"),
    ("unwritten", "11,8 of channel 3 unwritten"), ("overrun", "beyond the end of row 0"),
    ("overrun-above", "outside the planes"), ("overrun-between", "outside the planes"),
    ("overrun-below", "outside the planes"), ("read-below", "read it outside the planes"),
    ("changed-width", "description"), ("fickle-size", "for the same picture"),
    ("input-overrun", "beyond the end of row 0 of channel 0 of the picture that it was to read"),
  ])
  func `a fault fails the picture with the plug-in's name`(fault: String, reason: String) async throws {
    let registry = try Self.registry("Misbehaving")
    let image = Pictures.noise(width: 12, height: 9, layout: .rgba, seed: 4)
    let pipeline = try registry.pipeline(
      parsing: "misbehaving:fault=\(fault)", environment: StageEnvironment())
    for _ in 0..<2 {
      let error = await #expect(throws: StageError.self) {
        try await pipeline.process(image, context: StageContext())
      }
      let text = "\(try #require(error))"
      #expect(text.contains(reason) && text.contains("misbehaving") && text.contains("Misbehaving."))
      #expect(text.utf8.count < 1000)
    }
    let sound = try await run("misbehaving", image, registry: registry)
    #expect(sound == image)
  }

  @Test func `an error text is made fit for a terminal`() async throws {
    let image = Pictures.noise(width: 3, height: 3, layout: .gray, seed: 6)
    let registry = try Self.registry("Misbehaving")
    let error = await #expect(throws: StageError.self) {
      try await run("misbehaving:fault=strange-text", image, registry: registry)
    }
    let text = "\(try #require(error))"
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
    #expect(text.contains("red \\u{1B}[31m"))
  }

  @Test(arguments: [
    ("create", "the model of this plug-in is missing"), ("create-silently", "failed with -1"),
  ])
  func `options that a plug-in refuses are told before any picture`(fault: String, reason: String) throws {
    let error = #expect(throws: StageError.self) {
      try Self.registry("Misbehaving").pipeline(
        parsing: "misbehaving:fault=\(fault)", environment: StageEnvironment())
    }
    #expect("\(try #require(error))".contains(reason))
  }

  @Test func `how a plug-in has its thread round changes no stage after it`() async throws {
    let registry = try Self.registry("Misbehaving")
    let image = Pictures.noise(width: 24, height: 16, layout: .rgb, depth: 16, seed: 8)
    func result(_ fault: String) async throws -> Image {
      try await run("misbehaving:fault=\(fault),resize:scale=0.7", image, registry: registry)
    }
    let expected = try await result("none")
    #expect(try await result("rounding") == expected)
  }

  @Test func `an instance is never called by two threads at a time`() async throws {
    let registry = try Self.registry("Misbehaving")
    let pipeline = try registry.pipeline(
      parsing: "misbehaving:fault=none", environment: StageEnvironment())
    let image = Pictures.noise(width: 300, height: 300, layout: .rgba, seed: 7)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<12 {
        group.addTask { try await pipeline.process(image, context: StageContext()) == image }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }
}
