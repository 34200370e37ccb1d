import Pixels
import TestSupport
import Testing

@Suite struct ImresizeTests {
  private static let references = SharedData.files("imresize_reference", extension: "safetensors")

  /// MATLAB's own results: the luma of a picture, reduced and enlarged again.
  @Test(
    .enabled(if: !references.isEmpty, "needs the shared data's imresize_reference"), arguments: references)
  func agreesWithMATLAB(file: String) throws {
    let tensors = try Safetensors(contentsOf: file).tensors
    let luma = try #require(tensors["gt_y"])
    let low = try #require(tensors["l_y"])
    let enlarged = try #require(tensors["b_y"])
    let factor = luma.shape[0] / low.shape[0]

    let reduced = imresize(
      luma.values, width: luma.shape[1], height: luma.shape[0], toWidth: low.shape[1], toHeight: low.shape[0],
      scale: 1 / Double(factor))
    let again = imresize(
      low.values, width: low.shape[1], height: low.shape[0], toWidth: enlarged.shape[1],
      toHeight: enlarged.shape[0], scale: Double(factor))
    // Eight units in the last place of samples up to 255: what another order of summation can make.
    #expect(greatestDifference(reduced, low.values) <= 8 * 255.0.ulp)
    #expect(greatestDifference(again, enlarged.values) <= 8 * 255.0.ulp)
  }

  @Test func reducingByTwoWeighsEightSamplesWithTheWidenedKernel() {
    // Samples 0.5 ... 3.5 away from the centre, the kernel twice as wide: k(d / 2) / 2, edges mirrored.
    let kernel = [0.25, 0.75, 1.25, 1.75].map { BicubicResamplerFixture.kernel($0) / 2 }
    let row = [3.0, 1, 4, 1, 5, 9, 2, 6]
    let result = imresize(row, width: 8, height: 1, toWidth: 4, toHeight: 1)
    let mirrored = [4.0, 1, 3] + row + [6.0, 2, 9]
    for x in 0..<4 {
      let center = 2 * x + 3
      let expected = (0..<4).map { kernel[$0] * (mirrored[center - $0] + mirrored[center + 1 + $0]) }
      #expect(abs(result[x] - expected.reduce(0, +)) < 1e-14)
    }
  }

  @Test func theDimensionWithTheSmallerScaleGoesFirst() {
    // Rounding tells the order: width reduced and height enlarged must be the two one-dimensional resizes in
    // MATLAB's order, to the last bit.
    let plane = Pictures.noise(width: 12, height: 9, seed: 5).pixels.map { Double($0) }
    let both = imresize(plane, width: 12, height: 9, toWidth: 5, toHeight: 21)
    let across = imresize(plane, width: 12, height: 9, toWidth: 5, toHeight: 9)
    #expect(both == imresize(across, width: 5, height: 9, toWidth: 5, toHeight: 21))
    let other = imresize(plane, width: 12, height: 9, toWidth: 31, toHeight: 4)
    let down = imresize(plane, width: 12, height: 9, toWidth: 12, toHeight: 4)
    #expect(other == imresize(down, width: 12, height: 4, toWidth: 31, toHeight: 4))
  }

  /// Of seven samples half are four, and still two samples go to each: not 7 / 4.
  @Test func aGivenScaleHoldsWhereTheLengthsHaveAnother() {
    let row = [3.0, 1, 4, 1, 5, 9, 2]
    let result = imresize(row, width: 7, height: 1, toWidth: 4, toHeight: 1, scale: 0.5)
    let continued = imresize(
      row + row.reversed(), width: 14, height: 1, toWidth: 7, toHeight: 1, scale: 0.5)
    #expect(zip(result, continued).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test func ofEqualScalesRowsGoFirst() {
    let plane = Pictures.noise(width: 12, height: 9, seed: 5).pixels.map { Double($0) }
    let both = imresize(plane, width: 12, height: 9, toWidth: 36, toHeight: 27)
    let down = imresize(plane, width: 12, height: 9, toWidth: 12, toHeight: 27)
    let across = imresize(plane, width: 12, height: 9, toWidth: 36, toHeight: 9)
    #expect(both == imresize(down, width: 12, height: 27, toWidth: 36, toHeight: 27))
    #expect(both != imresize(across, width: 36, height: 9, toWidth: 36, toHeight: 27))
  }

  @Test func aConstantStaysConstant() {
    for (width, height) in [(1, 1), (3, 50), (7, 2), (30, 30)] {
      let result = imresize(
        [Double](repeating: 0.7, count: 25 * 10), width: 25, height: 10, toWidth: width, toHeight: height)
      #expect(result.allSatisfy { abs($0 - 0.7) < 1e-14 })
    }
  }
}

private enum BicubicResamplerFixture {
  /// Keys' kernel with a = -0.5, written out by hand in Horner form.
  static func kernel(_ x: Double) -> Double {
    x <= 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2
  }
}

private func greatestDifference(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
