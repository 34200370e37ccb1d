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
}
