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
