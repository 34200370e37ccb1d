/// One dimension of the order in which a network's layers are computed: where each layer starts and ends, and how that
/// falls into steps.
///
/// In coordinates that are shifted from layer to layer (`LayerShifts`) no layer needs anything ahead of the one before. So
/// the axis can be cut at the same u for all layers, and every step be computed through all layers before the next
/// begins, with nothing computed twice: a step only needs the last positions that each layer had before it. (Known
/// as time skewing: Wonnacott, "Using Time Skewing to Eliminate Idle Time due to Memory Bandwidth and Network
/// Limitations", IPDPS 2000.)
///
/// Layers that compute in blocks have them on multiples of the block in u, so that they are the same blocks whatever part
/// of the picture is asked for.
struct SkewedAxis: Sendable {
  /// The picture's extent.
  let length: Int
  /// From x to u, for every layer.
  let shifts: LayerShifts
  /// Of layer l (0 is the network's input), the first position needed, in u.
  let starts: [Int]
  /// Of layer l, the end of the positions needed, in u.
  let ends: [Int]
  /// Where the layer ends that ends last, in u.
  let end: Int
  /// Positions of u in a step.
  let step: Int
  /// Steps that have anything to compute, each from its `start(ofStep:)` to the next one's.
  let steps: Range<Int>

  /// - Parameters:
  ///   - length: the picture's extent.
  ///   - output: what is wanted of the last layer, in pixels.
  ///   - blocks: the block length of every layer, the input's (1) first.
  ///   - shifts: for as many layers; if they are not for an axis that is cut, there has to be one step.
  ///   - step: a multiple of every block length.
  init(length: Int, output: Range<Int>, blocks: [Int], shifts: LayerShifts, step: Int) {
    precondition(!output.isEmpty && output.lowerBound >= 0 && output.upperBound <= length && blocks.count > 1)
    precondition(blocks.allSatisfy { step.isMultiple(of: $0) })
    let last = blocks.count - 1
    var starts = [Int](repeating: 0, count: blocks.count)
    var ends = starts
    starts[last] = Self.alignDown(output.lowerBound + shifts[last], blocks[last])
    ends[last] = Self.alignUp(output.upperBound + shifts[last], blocks[last])
    for layer in stride(from: last - 1, through: 0, by: -1) {
      let (block, shift) = (blocks[layer], shifts[layer])
      let middle = shifts.middle(ofNextAfter: layer)
      // What lies outside the picture is zero and not computed, but for the rest of a block that reaches inside.
      starts[layer] = max(
        Self.alignDown(starts[layer + 1] + middle - 1, block), Self.alignDown(shift, block))
      ends[layer] = min(
        Self.alignUp(ends[layer + 1] + middle + 1, block), Self.alignUp(length + shift, block))
    }
    self.length = length
    self.shifts = shifts
    self.starts = starts
    self.ends = ends
    self.step = step
    end = ends[1...].reduce(0, max)
    steps = starts[1] / step..<(end + step - 1) / step
  }

  /// Where a step begins in u.
  func start(ofStep index: Int) -> Int { index * step }

  /// Where it lies in u.
  func range(ofStep index: Int) -> Range<Int> { start(ofStep: index)..<start(ofStep: index + 1) }

  /// What is computed of a layer in a part of the axis, in u; empty if nothing.
  func range(layer: Int, in part: Range<Int>) -> Range<Int> {
    let lower = max(starts[layer], part.lowerBound)
    return lower..<max(lower, min(ends[layer], part.upperBound))
  }

  /// Where the picture lies in a layer's u.
  func inside(layer: Int) -> Range<Int> { shifts[layer]..<length + shifts[layer] }

  static func alignDown(_ value: Int, _ block: Int) -> Int {
    // Rounds towards minus infinity: a tile's halo may reach beyond the picture.
    let remainder = value % block
    return value - (remainder < 0 ? remainder + block : remainder)
  }

  static func alignUp(_ value: Int, _ block: Int) -> Int { -alignDown(-value, block) }
}
