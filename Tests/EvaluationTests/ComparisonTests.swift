import Evaluation
import Pixels
import TestSupport
import Testing

@Suite("Comparing a picture with its enlarged reduction")
struct ComparisonTests {
  private let picture = Pictures.noise(width: 50, height: 41, layout: .rgba, seed: 3)

  @Test("A model that changes nothing scores as bicubic does", arguments: EvaluationProtocol.allCases)
  func identity(_ evaluationProtocol: EvaluationProtocol) throws {
    let comparison = try Comparison(picture, scale: 3, protocol: evaluationProtocol) { $0 }
    #expect(comparison.truth.size == Size(width: 48, height: 39), "cropped to a multiple of the scale")
    let (bicubic, result) = (
      comparison.score(of: comparison.bicubic), comparison.score(of: comparison.result)
    )
    #expect(bicubic.psnr < 20, "noise cannot be had back")
    #expect(bicubic == result)
  }

  @Test("A model that knows the truth is perfect, as far as the protocol rounds")
  func perfect() throws {
    let luma = YCbCr(picture).luma.cropped(toMultipleOf: 2)
    func score(_ evaluationProtocol: EvaluationProtocol) throws -> Score {
      let comparison = try Comparison(picture, scale: 2, protocol: evaluationProtocol) { _ in luma.plane() }
      return comparison.score(of: comparison.result)
    }
    #expect(try score(.paper) == Score(psnr: .infinity, ssim: 1))
    // Not rounded: the error of single precision remains.
    let seed = try score(.seed)
    #expect(seed.psnr > 120 && seed.psnr < 200)
    // Chroma is not known, so the colours that a picture cannot hold are clipped.
    let basicsr = try score(.basicsr)
    #expect(basicsr.psnr > 25 && basicsr.psnr < 60)
  }

  @Test("A model of the full range sees black as 0 and white as 1, and a gray picture as it is")
  func convention() throws {
    for (layout, black, white) in [(Image.Layout.rgb, Float(0), Float(1)), (.gray, 0, 1)] {
      for (sample, expected) in [(UInt8(0), black), (255, white)] {
        let image = Image(
          width: 24, height: 24, layout: layout,
          samples: .uint8([UInt8](repeating: sample, count: 24 * 24 * layout.channels)))
        for evaluationProtocol in EvaluationProtocol.allCases {
          let comparison = try Comparison(image, scale: 2, protocol: evaluationProtocol, convention: .full) {
            #expect($0.pixels.allSatisfy { abs($0 - expected) < 1e-6 }, "\(layout) \(sample)")
            return $0
          }
          #expect(comparison.score(of: comparison.result).psnr > 100, "\(layout) \(sample)")
        }
      }
    }
    // The identity scores as bicubic does, whatever its convention.
    let (studio, full) = try (
      Comparison(picture, scale: 3, protocol: .seed) { $0 },
      Comparison(picture, scale: 3, protocol: .seed, convention: .full) { $0 }
    )
    #expect(abs(studio.score(of: studio.result).psnr - full.score(of: full.result).psnr) < 1e-4)
  }

  @Test(
    "A truth of 16 bits is rounded to 8 where the protocol says so", arguments: EvaluationProtocol.allCases)
  func deepTruth(_ evaluationProtocol: EvaluationProtocol) throws {
    for layout in [Image.Layout.gray, .rgb] {
      let deep = Pictures.noise(width: 24, height: 24, layout: layout, depth: 16, seed: 5)
      let comparison = try Comparison(deep, scale: 2, protocol: evaluationProtocol) { $0 }
      let isWhole = comparison.truth.samples.allSatisfy { $0 == $0.rounded() }
      #expect(isWhole == (evaluationProtocol != .basicsr), "\(layout)")
      #expect(comparison.truth == YCbCr(deep, rounded: false).luma.roundedTo8Bits() || !isWhole)
    }
  }

  @Test("The truth that BasicSR compares with is not rounded, the one that is reduced is")
  func truthOfBasicSR() throws {
    let comparison = try Comparison(picture, scale: 2, protocol: .basicsr) { $0 }
    #expect(comparison.truth == YCbCr(picture, rounded: false).luma.cropped(toMultipleOf: 2))
    let paper = try Comparison(picture, scale: 2, protocol: .paper) { $0 }
    #expect(paper.truth == YCbCr(picture).luma.cropped(toMultipleOf: 2))
  }

  @Test("Values beyond the range of 8 bits are clipped before they are compared")
  func clipping() throws {
    let white = Image(
      width: 24, height: 24, layout: .gray, samples: .uint8([UInt8](repeating: 255, count: 24 * 24)))
    for evaluationProtocol in EvaluationProtocol.allCases {
      let comparison = try Comparison(white, scale: 2, protocol: evaluationProtocol) { input in
        Plane(width: input.width, height: input.height, repeating: 1.5)
      }
      #expect(comparison.score(of: comparison.result).psnr == .infinity, "\(evaluationProtocol)")
    }
  }

  @Test("The border does not count")
  func border() throws {
    let comparison = try Comparison(picture, scale: 4, protocol: .paper) { $0 }
    var samples = comparison.result.samples
    for x in 0..<comparison.result.width { samples[3 * comparison.result.width + x] = 0 }
    let changed = DoublePlane(
      width: comparison.result.width, height: comparison.result.height, samples: samples)
    #expect(comparison.score(of: changed) == comparison.score(of: comparison.result))
    for x in 0..<comparison.result.width { samples[4 * comparison.result.width + x] = 0 }
    let inside = DoublePlane(
      width: comparison.result.width, height: comparison.result.height, samples: samples)
    #expect(comparison.score(of: inside).psnr < comparison.score(of: comparison.result).psnr)
  }

  @Test("A picture of which nothing remains is refused, one of a single pixel within the borders is not")
  func small() throws {
    let gray = Pictures.noise(width: 6, height: 9, layout: .gray, seed: 1)
    #expect(throws: EvaluationError.tooSmall(gray.size, scale: 3)) {
      try Comparison(gray, scale: 3, protocol: .paper) { $0 }
    }
    let cut = Pictures.noise(width: 8, height: 9, layout: .gray, seed: 1)
    #expect(throws: EvaluationError.tooSmall(cut.size, scale: 3)) {
      try Comparison(cut, scale: 3, protocol: .paper) { $0 }
    }
    let comparison = try Comparison(gray, scale: 2, protocol: .paper) { $0 }
    #expect(comparison.score(of: comparison.result).ssim == nil)
  }
}
