import Pixels
import Stages
import TestSupport
import Testing

@Suite struct ResizeTests {
  private static let sizes = [
    Size(width: 34, height: 22), Size(width: 9, height: 7), Size(width: 40, height: 5),
    Size(width: 1, height: 1),
  ]

  /// One channel by `axis` weights in both directions, in double precision.
  private func areaReference(_ image: Image, to size: Size) -> Image {
    func overlap(_ output: Int, _ outputs: Int, _ input: Int, _ inputs: Int) -> Double {
      let start = Double(output) * Double(inputs) / Double(outputs)
      let end = Double(output + 1) * Double(inputs) / Double(outputs)
      return max(0, min(end, Double(input + 1)) - max(start, Double(input))) / (end - start)
    }
    return image.filled(size: size) { x, y, channel in
      var sum = 0.0
      for v in 0..<image.height {
        for u in 0..<image.width {
          sum +=
            overlap(x, size.width, u, image.width) * overlap(y, size.height, v, image.height)
            * image.value(u, v, channel)
        }
      }
      return sum
    }
  }

  @Test(arguments: Form.all.filter { !$0.layout.hasAlpha }, sizes)
  func `area is the mean of the pixels covered`(form: Form, size: Size) async throws {
    let image = Pictures.noise(width: 17, height: 11, layout: form.layout, depth: form.depth, seed: 1)
    let output = try await run(
      "resize:width=\(size.width),height=\(size.height),filter=area", image)
    #expect(output.distance(to: areaReference(image, to: size)) <= 1)
  }

  @Test(arguments: Form.all.filter { !$0.layout.hasAlpha }, sizes)
  func `bicubic is MATLAB's imresize`(form: Form, size: Size) async throws {
    let image = Pictures.noise(width: 17, height: 11, layout: form.layout, depth: form.depth, seed: 2)
    let planes = (0..<image.layout.channels).map { channel in
      let plane = (0..<17 * 11).map { image.value($0 % 17, $0 / 17, channel) }
      return imresize(plane, width: 17, height: 11, toWidth: size.width, toHeight: size.height)
    }
    let expected = image.filled(size: size) { x, y, channel in planes[channel][y * size.width + x] }
    let output = try await run("resize:width=\(size.width),height=\(size.height)", image)
    #expect(output.distance(to: expected) <= 1)
  }

  @Test(arguments: ["bicubic", "area"], [8, 16])
  func `an opaque picture is resized as if it had no alpha`(filter: String, depth: Int) async throws {
    let plain = Pictures.noise(width: 23, height: 40, layout: .rgb, depth: depth, seed: 3)
    let blank = Pictures.noise(width: 23, height: 40, layout: .rgba, depth: depth, seed: 3)
    let opaque = blank.filled { x, y, channel in channel == 3 ? blank.peak : plain.value(x, y, channel) }
    for scale in ["0.4", "1.7"] {
      let one = try await run("resize:scale=\(scale),filter=\(filter)", plain)
      let other = try await run("resize:scale=\(scale),filter=\(filter)", opaque)
      let expected = other.filled { x, y, channel in channel == 3 ? blank.peak : one.value(x, y, channel) }
      #expect(other == expected)
    }
  }

  @Test(arguments: ["bicubic", "area"], ["0.5", "0.37", "2", "3.3"])
  func `colour under transparent pixels doesn't bleed`(filter: String, scale: String) async throws {
    let blank = Pictures.noise(width: 30, height: 30, layout: .rgba, seed: 4)
    // A red disc on transparent green.
    let image = blank.filled { x, y, channel in
      let inside = (x - 15) * (x - 15) + (y - 15) * (y - 15) < 100
      return [inside ? 200 : 0, inside ? 0 : 255, 0, inside ? 255 : 0][channel]
    }
    let output = try await run("resize:scale=\(scale),filter=\(filter)", image)
    var visible = 0
    for y in 0..<output.height {
      for x in 0..<output.width where output.value(x, y, 3) > 0 {
        visible += 1
        #expect(abs(output.value(x, y, 0) - 200) <= 1 && output.value(x, y, 1) <= 1)
      }
    }
    #expect(visible > output.width * output.height / 4)
    #expect(output.value(0, 0, 1) == 255 && output.value(0, 0, 3) == 0)
  }

  @Test func `the same size is the same picture`() async throws {
    let image = Pictures.noise(width: 12, height: 5, layout: .rgba, depth: 16, seed: 5)
    #expect(try await run("resize:scale=1", image) == image)
    #expect(try await run("resize:fit=12x100", image) == image)
  }

  @Test func `reducing a great deal works within the announced memory`() async throws {
    let image = Pictures.noise(width: 1200, height: 800, layout: .gray, seed: 6)
    for filter in ["bicubic", "area"] {
      let pipeline = try StageRegistry.builtIn.pipeline(
        parsing: "resize:width=3,height=2,filter=\(filter)", environment: StageEnvironment())
      let plan = try pipeline.plan(size: image.size, layout: image.layout, depth: 8)
      #expect(plan.peakMemory > 960_000 && plan.peakMemory < 30_000_000)
      let output = try await pipeline.process(image, context: StageContext(threads: 2))
      for value in output.values { #expect(abs(value - 127.5) < 2) }
    }
  }

  @Test func `sizes that can't be are refused with the reason`() async throws {
    let image = Pictures.noise(width: 4, height: 4, layout: .gray, seed: 7)
    for text in [
      "resize", "resize:scale=2,width=3", "resize:scale=0", "resize:scale=101", "resize:width=0",
      "resize:fit=10", "resize:width=401", "resize:filter=cubic,scale=2",
    ] {
      await #expect(throws: StageError.self) { try await run(text, image) }
    }
  }
}
