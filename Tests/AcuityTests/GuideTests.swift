import Acuity
import Foundation
import TestSupport
import Testing

/// The code of the guides in the documentation catalog, which nothing else compiles.
@Suite struct GuideTests {
  private func network() throws -> Network {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0.01, count: 9), relu: false)
    return try Network(Model(layers: [layer]))
  }

  @Test func gettingStarted() throws {
    let path = FileManager.default.temporaryDirectory.path + "/acuity-guide-\(UUID()).jpg"
    try Data(ImageFile.encode(Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1), as: .jpeg))
      .write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }

    let upscaler = Upscaler(try network())
    let photo = try ImageFile.read(path)
    let large = try upscaler.upscale(photo, to: Size(width: 2 * photo.width, height: 2 * photo.height))
    let bytes = try ImageFile.encode(large, as: .jpeg, options: EncodeOptions(quality: 95))
    #expect(try ImageFile.header(bytes: bytes).size == Size(width: 40, height: 24))

    let header = try ImageFile.header(path, limits: Limits(maxPixels: 50_000_000))
    let size = Size(width: 2 * header.size.width, height: 2 * header.size.height)
    try ImageFormat.jpeg.check(size: size, layout: header.layout)
    #expect(throws: ImageFileError.self) { try ImageFormat.jpeg.check(size: size, layout: .rgba) }
  }

  @Test func embeddingInAPipeline() async throws {
    let network = try network()
    let upscaler = Upscaler(network)
    let size = Size(width: 40, height: 24)
    let icons = (0..<3).map { Pictures.noise(width: 20, height: 12, layout: .rgb, seed: $0) }
    var results = icons
    try await withThrowingTaskGroup(of: (Int, Image).self) { group in
      for (index, icon) in icons.enumerated() {
        group.addTask {
          (index, try await upscaler.upscaled(icon, to: size, options: RunOptions(threads: 1)))
        }
      }
      for try await (index, image) in group { results[index] = image }
    }
    for (icon, result) in zip(icons, results) {
      #expect(
        try upscaler.upscale(icon, to: size, options: RunOptions(threads: 2, maxMemory: 64 << 20)) == result)
    }

    let plane = icons[0].luma()
    let enhanced = try network.enhance(plane)
    #expect(enhanced.width == 20 && enhanced.height == 12 && enhanced != plane)
  }

  /// Turns light into dark.
  private struct Negative: LumaModel {
    var lumaConvention: LumaConvention { .full }
    var multiplyAddsPerPixel: Int { 1 }
    var content: [UInt8] { Array("negative 1".utf8) }

    func enhance(
      size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
    ) throws {
      try Bicubic().enhance(
        size: size, options: options,
        source: { rect, luma, stride in
          source(rect, luma, stride)
          for y in 0..<rect.height {
            for x in 0..<rect.width { luma[y * stride + x] = 1 - luma[y * stride + x] }
          }
        }, sink: sink)
    }
  }

  @Test func aModelOfYourOwn() throws {
    var models = ModelRegistry.builtIn
    try models.register(
      ModelRegistry.Entry(name: "negative", summary: "light and dark in turn") { _ in Negative() })
    let upscaler = Upscaler(try models.model("negative"))
    let black = Image(width: 3, height: 2, layout: .gray, samples: .uint8([UInt8](repeating: 0, count: 6)))
    let white = try upscaler.upscale(black, to: Size(width: 6, height: 4))
    #expect(white.samples.values == [Int](repeating: 255, count: 24))
  }

  @Test func weightFiles() throws {
    let model = try network().model
    #expect(model.metadata["acuity.format"] == "1" && model.metadata["acuity.residual"] == "add")
    #expect(model.metadata["acuity.layers"] == "conv3x3 1 1")
    #expect(try Model(bytes: model.serialized(), name: "again").layers == model.layers)
  }
}
