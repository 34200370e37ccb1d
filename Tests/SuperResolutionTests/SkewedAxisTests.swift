import Testing

@testable import SuperResolution

@Suite("Skewed axes") struct SkewedAxisTests {
  static let blockings = [
    [1, 1, 1, 1, 1], [1, 1, 4, 4, 4, 1], [1, 1, 6, 6, 6, 6, 6, 6, 6, 1], [1, 1, 6, 1, 4, 1],
  ]

  @Test(
    "Every layer has what the next one reads, in whole blocks, and no position twice", arguments: blockings)
  func coverage(_ blocks: [Int]) {
    for length in [1, 5, 12, 31, 96, 100] {
      let cut = LayerShifts(length: length, blocks: blocks, isCut: true)
      let alone = LayerShifts(length: length, blocks: blocks, isCut: false)
      for output in [0..<length, 0..<(length + 1) / 2, length / 3..<length, length / 2..<length / 2 + 1] {
        checkCoverage(
          SkewedAxis(length: length, output: output, blocks: blocks, shifts: cut, step: 24), blocks, output)
        let single = SkewedAxis(length: length, output: output, blocks: blocks, shifts: alone, step: 120)
        #expect(single.steps == 0..<1)
        checkCoverage(single, blocks, output)
      }
    }
  }

  @Test("A dimension that is not cut has the blocks of one that is")
  func sameBlocks() {
    for blocks in Self.blockings {
      for length in [1, 5, 12, 31, 96, 100] {
        let cut = LayerShifts(length: length, blocks: blocks, isCut: true)
        let alone = LayerShifts(length: length, blocks: blocks, isCut: false)
        for (layer, block) in blocks.enumerated() {
          #expect((cut[layer] - alone[layer]).isMultiple(of: block))
          if layer > 0 { #expect(cut[layer] > cut[layer - 1]) }
        }
      }
    }
  }

  @Test("A short dimension has no more blocks than its length asks for", arguments: [4, 6])
  func fewestBlocks(_ block: Int) {
    let blocks = [1, 1] + [Int](repeating: block, count: 18) + [1]
    for length in 1...TaskShape.longest {
      for isCut in [false, true] {
        let shifts = LayerShifts(length: length, blocks: blocks, isCut: isCut)
        let axis = SkewedAxis(
          length: length, output: 0..<length, blocks: blocks, shifts: shifts, step: 48 * 6)
        for layer in 2..<20 {
          let count = (axis.ends[layer] - axis.starts[layer]) / block
          #expect(count == (length + block - 1) / block, "layer \(layer) of \(length)")
        }
      }
    }
  }

  private func checkCoverage(_ axis: SkewedAxis, _ blocks: [Int], _ output: Range<Int>) {
    let last = blocks.count - 1
    for layer in 0...last {
      let ranges = axis.steps.map { axis.range(layer: layer, in: axis.range(ofStep: $0)) }.filter {
        !$0.isEmpty
      }
      if layer > 0 {
        // The steps' parts lie side by side from the first position to the last.
        #expect(ranges.first?.lowerBound == axis.starts[layer])
        #expect(ranges.last?.upperBound == axis.ends[layer])
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        let aligned = ranges.allSatisfy {
          $0.lowerBound.isMultiple(of: blocks[layer]) && $0.count.isMultiple(of: blocks[layer])
        }
        #expect(aligned)
      }
      if layer < last {
        // Positions that the next layer reads and that lie in the picture are computed.
        let middle = axis.shifts.middle(ofNextAfter: layer)
        let read = axis.starts[layer + 1] + middle - 1..<axis.ends[layer + 1] + middle + 1
        let needed = read.clamped(to: axis.inside(layer: layer))
        #expect(
          needed.isEmpty
            || (axis.starts[layer] <= needed.lowerBound && axis.ends[layer] >= needed.upperBound))
      }
    }
    let shift = axis.shifts[last]
    #expect(axis.starts[last] <= output.lowerBound + shift && axis.ends[last] >= output.upperBound + shift)
  }

  @Test("At a cut, a directly computed layer reaches one pixel further for every layer that follows")
  func exactHalo() {
    let blocks = [Int](repeating: 1, count: 21)
    let axis = SkewedAxis(
      length: 1000, output: 400..<500, blocks: blocks,
      shifts: LayerShifts(length: 1000, blocks: blocks, isCut: true), step: 12)
    for layer in 0...20 {
      #expect(axis.starts[layer] - layer == 400 - (20 - layer))
      #expect(axis.ends[layer] - layer == 500 + (20 - layer))
    }
  }
}
