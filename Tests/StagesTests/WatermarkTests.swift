import ImageFiles
import Pixels
import Stages
import TestSupport
import Testing

@Suite struct WatermarkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ mark: Image) throws -> StageEnvironment {
    try folder.write(ImageFile.encode(mark, as: .png), to: "mark.png")
    return StageEnvironment(baseDirectory: folder.path)
  }

  /// The mark laid over the picture at a place, by the definition.
  private func reference(_ image: Image, _ mark: Image, at x: Int, _ y: Int, opacity: Double) -> Image {
    image.filled { u, v, channel in
      let own = image.value(u, v, channel)
      guard (x..<x + mark.width).contains(u), (y..<y + mark.height).contains(v) else { return own }
      let (i, j) = (u - x, v - y)
      let above = opacity * (mark.layout.hasAlpha ? mark.value(i, j, mark.colors) / mark.peak : 1)
      let below = image.layout.hasAlpha ? image.value(u, v, image.colors) / image.peak : 1
      let sum = above + below * (1 - above)
      if image.layout.hasAlpha && channel == image.colors { return sum * image.peak }
      if above == 0 { return own }
      let color =
        mark.layout.isGray
        ? mark.value(i, j, 0) : image.layout.isGray ? mark.luma(i, j) : mark.value(i, j, channel)
      return (above * color / mark.peak * image.peak + below * (1 - above) * own) / sum
    }
  }

  @Test(arguments: Form.all, Form.all)
  func `lies over every form of picture as the definition says`(form: Form, markForm: Form) async throws {
    let mark = Pictures.noise(width: 6, height: 5, layout: markForm.layout, depth: markForm.depth, seed: 1)
    let image = Pictures.noise(width: 20, height: 37, layout: form.layout, depth: form.depth, seed: 2)
    let environment = try write(mark)
    for opacity in [1, 0.3] {
      let output = try await run(
        "watermark:file=mark.png,position=top-left,margin=3,opacity=\(opacity)", image,
        environment: environment)
      #expect(output.distance(to: reference(image, mark, at: 3, 3, opacity: opacity)) <= 1)
    }
  }

  @Test(arguments: [
    ("top-left", 2, 2), ("top", 7, 2), ("top-right", 12, 2), ("left", 2, 16), ("center", 7, 16),
    ("right", 12, 16),
    ("bottom-left", 2, 30), ("bottom", 7, 30), ("bottom-right", 12, 30),
  ])
  func `stands where it is told`(position: String, x: Int, y: Int) async throws {
    let mark = Pictures.noise(width: 6, height: 5, layout: .rgb, seed: 3)
    let image = Pictures.noise(width: 20, height: 37, layout: .rgb, seed: 4)
    let output = try await run(
      "watermark:file=mark.png,margin=2,position=\(position)", image, environment: try write(mark))
    #expect(output == reference(image, mark, at: x, y, opacity: 1))
  }

  @Test func `is scaled by a factor or by a share of the picture`() async throws {
    let white = Pictures.noise(width: 10, height: 4, layout: .gray, seed: 5).filled { _, _, _ in 255 }
    let image = Pictures.noise(width: 80, height: 50, layout: .gray, seed: 6).filled { _, _, _ in 0 }
    let environment = try write(white)
    for (options, width, height) in [("scale=2", 20, 8), ("scale=0.5", 5, 2), ("share=0.25", 20, 8)] {
      let output = try await run("watermark:file=mark.png,\(options)", image, environment: environment)
      #expect(output.values.count { $0 == 255 } == width * height)
      #expect(output.value(79, 49, 0) == 255 && output.value(79 - width, 49, 0) == 0)
    }
  }

  @Test func `a mark is reduced by averages and enlarged smoothly`() async throws {
    let mark = Pictures.noise(width: 12, height: 8, layout: .gray, seed: 10)
    let image = Pictures.noise(width: 80, height: 50, layout: .gray, seed: 11)
    let environment = try write(mark)
    for (scale, filter) in [("0.5", "area"), ("2", "bicubic")] {
      let resized = try await run("resize:scale=\(scale),filter=\(filter)", mark)
      let output = try await run(
        "watermark:file=mark.png,position=top-left,scale=\(scale)", image, environment: environment)
      #expect(output == reference(image, resized, at: 0, 0, opacity: 1))
    }
  }

  @Test func `a mark that is too large is reduced to fit`() async throws {
    let mark = Pictures.noise(width: 100, height: 50, layout: .rgb, seed: 7).filled { _, _, _ in 255 }
    let environment = try write(mark)
    let image = Pictures.noise(width: 30, height: 40, layout: .rgb, seed: 8).filled { _, _, _ in 0 }
    let output = try await run(
      "watermark:file=mark.png,margin=5,scale=100", image, environment: environment)
    #expect(output.values.count { $0 == 255 } == 3 * 20 * 10)
    for (width, height) in [(1, 1), (2, 9), (9, 1)] {
      let tiny = Pictures.noise(width: width, height: height, layout: .rgba, seed: 9)
      for position in ["top-left", "center", "bottom-right"] {
        let output = try await run(
          "watermark:file=mark.png,margin=100000,position=\(position)", tiny, environment: environment)
        #expect(output.size == tiny.size && output != tiny)
      }
    }
  }

  @Test func `marks of the same samples in another form are told apart`() throws {
    let wide = Pictures.noise(width: 8, height: 2, layout: .rgb, seed: 1)
    let contents = try [(8, 2), (4, 4)].map { width, height in
      let mark = Image(width: width, height: height, layout: wide.layout, samples: wide.samples)
      return try StageRegistry.builtIn.pipeline(
        parsing: "watermark:file=mark.png", environment: write(mark)
      ).loadedContent
    }
    #expect(contents[0] != contents[1])
  }

  @Test func `a mark that can't be read is told when the stage is made`() throws {
    let environment = StageEnvironment(baseDirectory: folder.path)
    try folder.write([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0], to: "broken.png")
    for file in ["missing.png", "broken.png", "."] {
      let error = #expect(throws: StageError.self) {
        try StageRegistry.builtIn.pipeline(parsing: "watermark:file=\(file)", environment: environment)
      }
      #expect("\(try #require(error))".contains(file))
    }
    for text in ["watermark", "watermark:file=mark.png,scale=1,share=0.5"] {
      _ = try write(Pictures.noise(width: 2, height: 2, layout: .gray, seed: 1))
      #expect(throws: StageError.self) {
        try StageRegistry.builtIn.pipeline(parsing: text, environment: environment)
      }
    }
  }
}
