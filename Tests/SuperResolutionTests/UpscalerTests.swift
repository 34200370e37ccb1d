import Pixels
import SuperResolution
import Synchronization
import TestSupport
import Testing

@Suite struct UpscalerTests {
  /// Three layers with random weights: every pixel depends on its surroundings.
  private static func random() throws -> Upscaler {
    Upscaler(try Network(Model(layers: randomLayers([1, 8, 8, 1], seed: 5))))
  }

  /// Adds `value` to the luma, whatever it is.
  private static func adding(_ value: Float) throws -> Upscaler {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0, count: 9), bias: [value],
      relu: false)
    return Upscaler(try Network(Model(layers: [layer])))
  }

  // MARK: - The result does not depend on how it is computed

  @Test(arguments: Image.Layout.allCases, [8, 16])
  func sameBytesForAllThreadsTilesAndLimits(layout: Image.Layout, depth: Int) throws {
    let image = Pictures.noise(width: 70, height: 41, layout: layout, depth: depth, seed: 1)
    let size = Size(width: 171, height: 103)
    let upscaler = try Self.random()
    let expected = try upscaler.upscale(image, to: size, options: RunOptions(threads: 1))
    #expect(expected.layout == layout && expected.samples.depth == depth && expected.size == size)
    for options in [
      RunOptions(threads: 2), RunOptions(threads: 3, tile: 40), RunOptions(threads: 1, tile: 7),
      RunOptions(threads: 2, maxMemory: 0), RunOptions(),
      RunOptions(threads: .min, maxMemory: .min, tile: .min),
      RunOptions(threads: .max, maxMemory: .max, tile: .max),
    ] {
      let isSame = try upscaler.upscale(image, to: size, options: options) == expected
      #expect(isSame)
      let memory = upscaler.workingMemory(
        from: image.size, to: size, layout: layout, depth: depth, options: options)
      #expect(memory > 0)
    }
    let reduced = Size(width: 33, height: 50)
    let small = try upscaler.upscale(image, to: reduced, options: RunOptions(threads: 1))
    let isSame = try upscaler.upscale(image, to: reduced, options: RunOptions(threads: 3)) == small
    #expect(isSame)
  }

  @Test func wholePlanesGiveTheSameLuma() throws {
    let image = Pictures.noise(width: 50, height: 31, layout: .gray, depth: 16, seed: 2)
    let size = Size(width: 125, height: 90)
    let upscaler = try Self.random()
    let plane = try upscaler.model.enhance(
      BicubicResampler(from: image.size, to: size).resize(image.luma()))
    let expected: [UInt16] = plane.pixels.map {
      UInt16(min(max(($0 - 16 / 255) * (65_535 / (219 / 255)), 0), 65_535) + 0.5)
    }
    let result = try upscaler.upscale(image, to: size)
    // The last bit of a float is far below half a step, but may decide where a value lies right between two.
    let same = zip(expected, result.samples.values).count { Int($0) == $1 }
    #expect(same >= expected.count - 2)
  }

  @Test func aModelThatMakesNoNumbersMakesNoPicture() throws {
    let layers = [Float.greatestFiniteMagnitude, .greatestFiniteMagnitude].map { weight in
      Model.Layer(
        inputChannels: 1, outputChannels: 1, weights: [Float](repeating: weight, count: 9), relu: false)
    }
    let upscaler = Upscaler(try Network(Model(name: "huge", layers: layers)))
    let image = Pictures.noise(width: 20, height: 15, layout: .rgba, seed: 4)
    #expect(throws: ModelError(file: "huge", cause: .outputNotFinite)) {
      try upscaler.upscale(image, to: Size(width: 40, height: 30))
    }
    // Reducing does without the network.
    #expect(throws: Never.self) { try upscaler.upscale(image, to: Size(width: 10, height: 8)) }
  }

  // MARK: - Colour

  @Test(arguments: [8, 16], [false, true])
  func withoutResidualEveryChannelIsBicubic(depth: Int, hasNetwork: Bool) throws {
    let upscaler = hasNetwork ? try Self.adding(0) : Upscaler(Bicubic())
    let image = Pictures.noise(width: 40, height: 30, layout: .rgb, depth: depth, seed: 3)
    let peak = depth == 16 ? 65_535.0 : 255
    for size in [Size(width: 100, height: 75), Size(width: 40, height: 30), Size(width: 17, height: 80)] {
      let result = try upscaler.upscale(image, to: size).samples.values
      for channel in 0..<3 {
        let samples = stride(from: channel, to: 40 * 30 * 3, by: 3).map { Double(image.samples.values[$0]) }
        let expected = imresize(samples, width: 40, height: 30, toWidth: size.width, toHeight: size.height)
        for (pixel, value) in expected.enumerated() {
          let clipped = min(max(value, 0), peak)
          // Half a step of rounding, and some forty roundings of floats up to 1.6 times the peak.
          let bound = 0.5 + 40 * 1.6 * peak * Double(Float.ulpOfOne) / 2
          #expect(abs(Double(result[3 * pixel + channel]) - clipped) <= bound)
        }
      }
    }
  }

  @Test func theResidualBrightensAllColorsAlike() throws {
    // 0.1 of studio luma are 0.1 * 255 / 219 of the full range: 29.69 of 255 steps.
    let image = Image(width: 2, height: 2, layout: .rgb, samples: .uint8([UInt8](repeating: 100, count: 12)))
    let result = try Self.adding(0.1).upscale(image, to: Size(width: 5, height: 4))
    #expect(result.samples.values.allSatisfy { $0 == 130 })
    let colored = Image(width: 1, height: 1, layout: .rgb, samples: .uint8([200, 10, 90]))
    #expect(
      try Self.adding(0.1).upscale(colored, to: Size(width: 1, height: 1)).samples.values == [230, 40, 120])
  }

  @Test(arguments: [8, 16]) func grayGivesTheSameAsEqualColors(depth: Int) throws {
    let gray = Pictures.noise(width: 30, height: 20, layout: .gray, depth: depth, seed: 4)
    let color = Image(
      width: 30, height: 20, layout: .rgb,
      samples: depth == 16
        ? .uint16(gray.samples.values.flatMap { [UInt16($0), UInt16($0), UInt16($0)] })
        : .uint8(gray.samples.values.flatMap { [UInt8($0), UInt8($0), UInt8($0)] }))
    let size = Size(width: 75, height: 61)
    let grayResult = try Self.random().upscale(gray, to: size)
    let colorResult = try Self.random().upscale(color, to: size)
    #expect(grayResult.layout == .gray)
    let isSame = colorResult.samples.values == grayResult.samples.values.flatMap { [$0, $0, $0] }
    #expect(isSame)
  }

  @Test func reducingIsBicubicWithoutTheNetwork() throws {
    let image = Pictures.noise(width: 64, height: 48, layout: .gray, seed: 5)
    let size = Size(width: 24, height: 48)
    let result = try Self.adding(0.3).upscale(image, to: size)
    let expected = imresize(
      image.samples.values.map { Double($0) }, width: 64, height: 48, toWidth: 24, toHeight: 48)
    #expect(
      zip(result.samples.values, expected).allSatisfy { abs(Double($0) - min(max($1, 0), 255)) <= 0.501 })
  }

  // MARK: - Metadata

  @Test func metadataFollowsTheSize() throws {
    var image = Pictures.noise(width: 20, height: 10, layout: .rgb, seed: 6)
    let xmp = #"<x exif:PixelXDimension="20" exif:PixelYDimension="10" dc:title="20"/>"#
    image.metadata = Metadata(
      iccProfile: [1, 2, 3], xmp: Array(xmp.utf8),
      resolution: Metadata.Resolution(x: 300, y: 300, unit: .inch))
    let result = try Self.random().upscale(image, to: Size(width: 50, height: 25))
    let expected = #"<x exif:PixelXDimension="50" exif:PixelYDimension="25" dc:title="20"/>"#
    #expect(result.metadata.xmp.map { String(decoding: $0, as: UTF8.self) } == expected)
    #expect(result.metadata.iccProfile == [1, 2, 3])
    #expect(result.metadata.resolution == image.metadata.resolution)
  }

  // MARK: - Ending early

  @Test func stopsWhenToldTo() throws {
    let image = Pictures.noise(width: 30, height: 1500, layout: .rgb, seed: 7)
    // With the network and without, and in each case so many steps that those of two threads are the fewest.
    for size in [Size(width: 60, height: 3000), Size(width: 20, height: 1000)] {
      let calls = Atomic<Int>(0)
      let options = RunOptions(
        threads: 2, isCancelled: { calls.add(1, ordering: .relaxed).oldValue >= 2 })
      #expect(throws: CancellationError.self) { try Self.random().upscale(image, to: size, options: options) }
      #expect(calls.load(ordering: .relaxed) < 20)
    }
  }

  @Test func stopsWhenItsTaskIsCancelled() async throws {
    let image = Pictures.noise(width: 100, height: 100, layout: .rgb, seed: 8)
    let upscaler = try Self.random()
    let work = Task {
      // Waits until its own cancellation has arrived.
      try? await Task.sleep(for: .seconds(60))
      return try upscaler.upscale(image, to: Size(width: 200, height: 200))
    }
    work.cancel()
    await #expect(throws: CancellationError.self) { try await work.value }
  }

  @Test func reportsItsProgress() throws {
    let image = Pictures.noise(width: 100, height: 100, layout: .rgb, seed: 9)
    let shares = Mutex<[Double]>([])
    for size in [Size(width: 250, height: 250), Size(width: 50, height: 50)] {
      shares.withLock { $0 = [] }
      let options = RunOptions(progress: { share in shares.withLock { $0.append(share) } })
      _ = try Self.random().upscale(image, to: size, options: options)
      #expect(shares.withLock { $0.max() } == 1)
      #expect(shares.withLock { $0.allSatisfy { $0 > 0 && $0 <= 1 } })
    }
  }
}
