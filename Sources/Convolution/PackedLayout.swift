import Microkernel

/// Floats from one pixel to the next in a row of activations of so many channels: the count rounded up to a multiple of
/// 16, the channels beyond it zero. A single channel alone is compact: 1.
package func paddedChannels(_ channels: Int) -> Int {
  channels == 1 ? 1 : (channels + 15) & ~15
}

/// The order in which the kernels of one instruction set read the weights of one 3x3 layer, and write their gradient.
///
/// ```
/// panel 0                                    panel 1         P: the instruction set's panel width;
/// ┌─────────────────────────────────────────┬────────┐          the last panel may be narrower
/// │ tap 0: input channel 0: outputs 0..P-1  │ P..2P-1 ...
/// │        input channel 1: outputs 0..P-1  │
/// │        ...                              │
/// │ tap 8: ...                              │
/// └─────────────────────────────────────────┴────────┘
/// ```
///
/// Padding channels have zero weights, so that their outputs are zero. After the panels come the biases, one for each
/// padded output channel.
package struct PackedLayout: Sendable, Equatable {
  package let inputChannels: Int
  package let outputChannels: Int
  package let instructionSet: InstructionSet

  package init(inputChannels: Int, outputChannels: Int, instructionSet: InstructionSet) {
    precondition(inputChannels > 0 && outputChannels > 0)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.instructionSet = instructionSet
  }

  /// Floats from an input pixel to the next.
  package var inputStride: Int { paddedChannels(inputChannels) }
  /// Floats from an output pixel to the next.
  package var outputStride: Int { paddedChannels(outputChannels) }
  /// Floats of packed weights, the biases not counted.
  package var weightCount: Int { 9 * inputStride * outputStride }
  /// Floats of packed weights and biases.
  package var count: Int { weightCount + outputStride }

  /// A panel of output channels.
  struct Panel {
    /// Where it starts, in floats.
    let offset: Int
    let firstChannel: Int
    let width: Int
    /// How many of its channels are no padding.
    let channels: Int
  }

  /// Whether Winograd's products can take the place of their inputs: a row of as many, in a single panel or in panels of
  /// one width that fit into the first cache level of any machine together.
  var productsStayInPlace: Bool {
    if inputStride != outputStride { return false }
    return hasOnePanel
      || outputStride.isMultiple(of: Kernels.panelWidth(of: instructionSet))
        && 4 * inputStride * outputStride <= CacheSizes().firstLevel
  }

  /// How many rows before their inputs' they then take.
  var productsRowsBefore: Int { productsStayInPlace && !hasOnePanel ? WinogradTiles.mostRows : 0 }

  private var hasOnePanel: Bool { outputStride <= Kernels.panelWidth(of: instructionSet) }

  var panels: [Panel] {
    let full = Kernels.panelWidth(of: instructionSet)
    return stride(from: 0, to: outputStride, by: full).map { first in
      let width = min(full, outputStride - first)
      return Panel(
        offset: first * 9 * inputStride, firstChannel: first, width: width,
        channels: max(0, min(width, outputChannels - first)))
    }
  }

  /// `packed` weights in OIHW order.
  package func unpack(_ packed: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    for panel in panels {
      for channel in 0..<panel.channels {
        let output = panel.firstChannel + channel
        for input in 0..<inputChannels {
          let from = packed + panel.offset + input * panel.width + channel
          let to = target + (output * inputChannels + input) * 9
          for tap in 0..<9 { to[tap] = from[tap &* inputStride &* panel.width] }
        }
      }
    }
  }
}
