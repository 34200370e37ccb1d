import Convolution
import Testing

@Suite("Packed weights")
struct PackedWeightsTests {
  @Test("A layer without biases adds zero", arguments: InstructionSet.supported)
  func noBias(_ instructionSet: InstructionSet) {
    let weights = [Float](repeating: 0.5, count: 9 * 16 * 16)
    let packed = PackedWeights(
      weights, inputChannels: 16, outputChannels: 16, instructionSet: instructionSet)
    let tiled = WinogradWeights(
      weights, inputChannels: 16, outputChannels: 16, tile: .f4, instructionSet: instructionSet)
    for channel in 0..<16 {
      #expect(packed.bias[channel].bitPattern == 0)
      #expect(tiled.bias[channel].bitPattern == 0)
    }
  }

  @Test("Weights that are packed anew without biases forget those that were there", arguments: [false, true])
  func noBiasAnew(_ isTransposing: Bool) {
    let (weights, biases) = ([Float](repeating: 1, count: 9 * 16 * 16), [Float](repeating: 3, count: 16))
    var packed = PackedWeights(
      weights, bias: biases, inputChannels: 16, outputChannels: 16, instructionSet: .baseline)
    var tiled = WinogradWeights(
      weights, bias: biases, inputChannels: 16, outputChannels: 16, tile: .f4, instructionSet: .baseline)
    repack(&packed, &tiled, weights, isTransposing)
    #expect((0..<16).allSatisfy { packed.bias[$0] == 0 && tiled.bias[$0] == 0 })
  }

  @Test("A copy keeps its weights when the original gets others", arguments: [false, true])
  func copies(_ isTransposing: Bool) {
    let (ones, twos) = ([Float](repeating: 1, count: 9 * 16 * 16), [Float](repeating: 2, count: 9 * 16 * 16))
    var packed = PackedWeights(ones, inputChannels: 16, outputChannels: 16, instructionSet: .baseline)
    var tiled = WinogradWeights(
      ones, inputChannels: 16, outputChannels: 16, tile: .f4, instructionSet: .baseline)
    let (packedBefore, tiledBefore) = (packed, tiled)
    repack(&packed, &tiled, twos, isTransposing)
    #expect(packedBefore.weights[0] == 1 && packed.weights[0] == 2)
    #expect(tiledBefore.weights[0] != 0 && tiled.weights[0] == 2 * tiledBefore.weights[0])
    packed.repack(transposing: ones)
    #expect(packed.weights[0] == 1)
  }

  private func repack(
    _ packed: inout PackedWeights, _ tiled: inout WinogradWeights, _ weights: [Float], _ isTransposing: Bool
  ) {
    if isTransposing {
      packed.repack(transposing: weights)
      tiled.repack(transposing: weights)
    } else {
      packed.repack(weights, bias: nil)
      tiled.repack(weights, bias: nil)
    }
  }
}
