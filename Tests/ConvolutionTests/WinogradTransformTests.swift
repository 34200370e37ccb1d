import Microkernel
import TestSupport
import Testing

@testable import Convolution

@Suite struct WinogradTransformTests {
  /// `A^T [(G w G^T) * (B^T d B)] A` is the convolution, whatever the points.
  @Test(arguments: WinogradTile.allCases)
  func matricesMakeAConvolution(_ tile: WinogradTile) {
    let matrices = WinogradMatrices(tile)
    let side = tile.side
    var generator = SplitMix64(seed: 8)
    let d = (0..<side).map { _ in generator.floats(side) }
    let w = (0..<3).map { _ in generator.floats(3) }
    let products = zip(
      WinogradMatrices.sandwich(matrices.weights, w), WinogradMatrices.sandwich(matrices.input, d)
    ).map { zip($0, $1).map { $0 * $1 } }
    let y = WinogradMatrices.sandwich(matrices.output, products)
    for i in 0..<tile.outputs {
      for j in 0..<tile.outputs {
        let exact = (0..<9).reduce(0) { $0 + w[$1 / 3][$1 % 3] * d[i + $1 / 3][j + $1 % 3] }
        #expect(abs(y[i][j] - exact) <= 1e-12)
      }
    }
  }

  @Test(arguments: WinogradTile.allCases)
  func weightsAreTransformedByTheMatrix(_ tile: WinogradTile) {
    #expect(tile.weightTransform == WinogradMatrices(tile).weights)
  }

  /// Unit vectors through the factored transforms give the columns of the matrices, exactly.
  @Test func inputsAreTransformedByTheMatrix() {
    for j in 0..<6 {
      let d = unit(InlineArray<6, SIMD4<Float>>(repeating: .zero), j)
      let v = WinogradF4.input(d, Separate4.self)
      #expect((0..<6).map { Double(v[$0][3]) } == WinogradMatrices(.f4).input.map { $0[j] })
    }
    for j in 0..<8 {
      let d = unit(InlineArray<8, SIMD4<Float>>(repeating: .zero), j)
      let v = WinogradF6.input(d, Separate4.self)
      #expect((0..<8).map { Double(v[$0][3]) } == WinogradMatrices(.f6).input.map { $0[j] })
    }
  }

  @Test func outputsAreTransformedByTheMatrix() {
    for j in 0..<6 {
      let s = unit(InlineArray<6, SIMD4<Float>>(repeating: .zero), j)
      let y: InlineArray<4, SIMD4<Float>> = WinogradF4.output(s, Separate4.self)
      #expect((0..<4).map { Double(y[$0][3]) } == WinogradMatrices(.f4).output.map { $0[j] })
    }
    for j in 0..<8 {
      let s = unit(InlineArray<8, SIMD4<Float>>(repeating: .zero), j)
      let y: InlineArray<6, SIMD4<Float>> = WinogradF6.output(s, Separate4.self)
      #expect((0..<6).map { Double(y[$0][3]) } == WinogradMatrices(.f6).output.map { $0[j] })
    }
  }

  @Test func slopesAreTransformedByTheTransposeOfTheOutputs() {
    for j in 0..<4 {
      let y = unit(InlineArray<4, SIMD4<Float>>(repeating: .zero), j)
      let s: InlineArray<6, SIMD4<Float>> = WinogradF4.outputGradient(y, Separate4.self)
      #expect((0..<6).map { Double(s[$0][3]) } == WinogradMatrices(.f4).output[j])
    }
    for j in 0..<6 {
      let y = unit(InlineArray<6, SIMD4<Float>>(repeating: .zero), j)
      let s: InlineArray<8, SIMD4<Float>> = WinogradF6.outputGradient(y, Separate4.self)
      #expect((0..<8).map { Double(s[$0][3]) } == WinogradMatrices(.f6).output[j])
    }
  }

  private func unit<let N: Int>(_ zero: InlineArray<N, SIMD4<Float>>, _ index: Int)
    -> InlineArray<N, SIMD4<Float>>
  {
    var vectors = zero
    vectors[index] = SIMD4(repeating: 1)
    return vectors
  }
}
