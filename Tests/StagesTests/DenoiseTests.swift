import Acuity
import Foundation
import Pixels
import Stages
import TestSupport
import Testing

@Suite struct DenoiseTests {
  /// The stage by its definition, in double precision: every pixel against the 49 around it.
  private func reference(_ image: Image, strength: Double) -> Image {
    let image = image.edgeBled()
    let variance = strength * strength * (image.peak / 255) * (image.peak / 255)
    let colors = image.colors
    func weight(_ x: Int, _ y: Int, _ dx: Int, _ dy: Int) -> Double {
      var sum = 0.0
      for v in -1...1 {
        for u in -1...1 {
          for channel in 0..<colors {
            let d = image.value(x + u, y + v, channel) - image.value(x + u + dx, y + v + dy, channel)
            sum += d * d
          }
        }
      }
      let d = sum / (Double(9 * colors) * variance)
      let w = 1 - min(1, max(0, (d - 2) / 3))
      let alpha = image.layout.hasAlpha ? image.value(x + dx, y + dy, colors) : 1
      return w * w * alpha
    }
    return image.filled { x, y, channel in
      if image.layout.hasAlpha && channel == colors { return image.value(x, y, channel) }
      var (sum, total) = (0.0, 0.0)
      for dy in -3...3 {
        for dx in -3...3 {
          let w = weight(x, y, dx, dy)
          sum += w * image.value(x + dx, y + dy, channel)
          total += w
        }
      }
      return total > 0 ? sum / total : image.value(x, y, channel)
    }
  }

  @Test(arguments: Form.all) func `agrees with the definition`(form: Form) async throws {
    let noise = Pictures.noise(width: 19, height: 40, layout: form.layout, depth: form.depth, seed: 4)
    // Weak noise on a slope, so that surroundings are alike enough to count.
    let image = noise.filled { x, y, channel in
      noise.peak / 255 * (Double(6 * x + 2 * y) + noise.value(x, y, channel) / noise.peak * 20)
    }
    for strength in [3.0, 12] {
      let output = try await run("denoise:strength=\(strength)", image)
      let expected = reference(image, strength: strength)
      #expect(output.distance(to: expected) <= 1)
      let same = zip(output.values, expected.values).count { $0 == $1 }
      #expect(Double(same) >= 0.95 * Double(output.values.count))
      #expect(output.distance(to: image) > 1)
    }
  }

  @Test func `noise goes and an edge stays`() async throws {
    var random = RandomSource(seed: 5)
    let blank = Image(
      width: 64, height: 64, layout: .gray, samples: .uint8([UInt8](repeating: 0, count: 4096)))
    let clean = blank.filled { x, _, _ in x < 32 ? 60 : 180 }
    let noisy = blank.filled { x, y, _ in
      // Four uniform numbers make nearly a normal one, of variance 1/3.
      let sum = (0..<4).map { _ in random.uniform() - 0.5 }.reduce(0, +)
      return clean.value(x, y, 0) + 10 * sum / (1.0 / 3).squareRoot()
    }
    func error(_ image: Image) -> Double {
      zip(image.values, clean.values).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / 4096
    }
    let output = try await run("denoise:strength=10", noisy)
    #expect(error(output) < error(noisy) / 6)
    for y in 0..<64 { #expect(output.value(32, y, 0) - output.value(31, y, 0) > 100) }
  }

  @Test func `what hides under transparent pixels decides nothing`() async throws {
    let noise = Pictures.noise(width: 32, height: 32, layout: .rgba, seed: 8)
    func isVisible(_ x: Int, _ y: Int) -> Bool { (x - 16) * (x - 16) + (y - 16) * (y - 16) < 150 }
    func disc(_ hidden: (Int, Int, Int) -> Double) -> Image {
      noise.filled { x, y, channel in
        if channel == 3 { return isVisible(x, y) ? 255 : 0 }
        return isVisible(x, y) ? 120 + noise.value(x, y, channel) / 16 : hidden(x, y, channel)
      }
    }
    func visible(_ image: Image) -> [Double] {
      (0..<32 * 32).filter { isVisible($0 % 32, $0 / 32) }
        .flatMap { pixel in (0..<4).map { image.value(pixel % 32, pixel / 32, $0) } }
    }
    let outputs = [
      try await run("denoise:strength=8", disc { _, _, _ in 128 }),
      try await run("denoise:strength=8", disc { _, _, _ in 0 }),
      try await run("denoise:strength=8", disc { noise.value($0, $1, $2) }),
    ]
    #expect(outputs.allSatisfy { visible($0) == visible(outputs[0]) })
    #expect(visible(outputs[0]) != visible(disc { _, _, _ in 0 }))
  }

  @Test func `no strength changes nothing, and tiny pictures are no trouble`() async throws {
    let noise = Pictures.noise(width: 9, height: 9, layout: .rgba, seed: 6)
    #expect(try await run("denoise:strength=0", noise) == noise)
    for (width, height) in [(1, 1), (1, 9), (5, 1), (3, 2)] {
      let image = Pictures.noise(width: width, height: height, layout: .rgb, seed: 7)
      let output = try await run("denoise:strength=50", image)
      #expect(output.distance(to: reference(image, strength: 50)) <= 1)
    }
  }

  @Test func `its memory is what it takes`() throws {
    let pipeline = try StageRegistry.builtIn.pipeline(parsing: "denoise", environment: StageEnvironment())
    let size = Size(width: 1_000_000, height: 32)
    func floats(_ layout: Image.Layout, beside bytes: Int = 0) throws -> Int? {
      try pipeline.steps.first.map {
        (try $0.stage.workingMemory(for: size, layout: layout) - bytes) / (4 * coreCount() * size.width)
      }
    }
    // 40 rows of every channel, 35 rows of differences and their sums, 32 rows of weights and of every colour.
    #expect(try floats(.gray) == 40 + 35 + 64)
    #expect(try floats(.rgb) == 120 + 35 + 128)
    // With alpha a copy of the picture too, of 16 bits at most, and its coarser levels.
    let copy = size.width * size.height * 8 * 4 / 3
    #expect(try floats(.rgba, beside: copy) == 160 + 35 + 128)
  }
}
