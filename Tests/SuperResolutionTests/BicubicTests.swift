import Pixels
import SuperResolution
import TestSupport
import Testing

/// The model without a network.
@Suite struct BicubicTests {
  /// A network whose result is its input, to the bit.
  private static func unchanging() throws -> Network {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0, count: 9), relu: false)
    return try Network(Model(layers: [layer]))
  }

  @Test(arguments: Image.Layout.allCases, [8, 16])
  func doesWhatANetworkThatAddsNothingDoes(layout: Image.Layout, depth: Int) throws {
    let image = Pictures.noise(width: 37, height: 29, layout: layout, depth: depth, seed: 1)
    for size in [Size(width: 93, height: 71), Size(width: 37, height: 29), Size(width: 20, height: 30)] {
      let expected = try Upscaler(Self.unchanging()).upscale(image, to: size)
      for options in [RunOptions(threads: 1), RunOptions(threads: 3, maxMemory: 0, tile: 5), RunOptions()] {
        let isSame = try Upscaler(Bicubic()).upscale(image, to: size, options: options) == expected
        #expect(isSame, "\(size)")
      }
    }
  }

  @Test(arguments: [(1, 1), (33, 50), (140_000, 2), (0, 5), (5, 0)])
  func givesPlanesBackAsTheyAre(width: Int, height: Int) throws {
    let plane = Pictures.noise(width: width, height: height, seed: 2)
    #expect(try Bicubic().enhance(plane, options: RunOptions(threads: 2)) == plane)
  }

  @Test func takesNoMemoryBesideTheInterpolation() throws {
    let (from, to) = (Size(width: 900, height: 700), Size(width: 1800, height: 1400))
    func memory(_ model: any LumaModel) -> Int {
      Upscaler(model).workingMemory(from: from, to: to, layout: .rgb, depth: 8)
    }
    let network = try Self.unchanging()
    #expect(memory(network) - memory(Bicubic()) == network.workingMemory(for: to))
    #expect(network.workingMemory(for: to) > 0)
  }

  /// What a row of the result is made of, in the planes of the colours, on every thread; and the copy of a picture whose hidden
  /// colours are replaced, with its coarser levels.
  @Test func sharesOfMemoryAreCounted() {
    func memory(
      _ from: Size, _ to: Size, _ layout: Image.Layout = .rgb, depth: Int = 8, threads: Int = 1
    ) -> Int {
      Upscaler(Bicubic()).workingMemory(
        from: from, to: to, layout: layout, depth: depth, options: RunOptions(threads: threads))
    }
    let (small, large) = (Size(width: 900, height: 700), Size(width: 1800, height: 1400))
    #expect(memory(small, large, threads: 4) == 4 * memory(small, large))
    for depth in [8, 16] {
      let copy = 900 * 700 * 4 * depth / 8
      #expect(memory(small, large, .rgba, depth: depth) - memory(small, large, depth: depth) == copy * 4 / 3)
    }
    for (from, to) in [
      (Size(width: 100_000, height: 4000), Size(width: 1000, height: 40)),
      (Size(width: 5000, height: 50_000), Size(width: 5000, height: 7)), (small, large),
    ] {
      let row = Rect(x: 0, y: to.height / 2, width: to.width, height: 1)
      let needed = BicubicResampler(from: from, to: to).sourceRect(for: row)
      #expect(memory(from, to) >= 4 * 2 * needed.width * needed.height, "\(from)")
    }
  }

  @Test func stopsWhenToldTo() throws {
    let image = Pictures.noise(width: 20, height: 1000, layout: .gray, seed: 3)
    #expect(throws: CancellationError.self) {
      try Upscaler(Bicubic()).upscale(
        image, to: Size(width: 40, height: 2000), options: RunOptions(isCancelled: { true }))
    }
  }

  @Test func noWeightsHaveItsContent() throws {
    // A weights file begins with eight bytes of a length.
    #expect(Bicubic().content.count < 8)
    #expect(try Self.unchanging().content == Self.unchanging().model.serialized())
  }
}
