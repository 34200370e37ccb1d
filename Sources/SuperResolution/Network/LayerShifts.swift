/// How far each layer of a network is shifted along one dimension: u = x + shift, for an order in which all layers can be
/// computed step by step.
///
/// A 3x3 layer needs its input one pixel further to both sides. Where a dimension is cut into steps, every layer is shifted by
/// at least one more than the layer before, so that it needs nothing ahead:
///
/// ```
///            x ->                               u = x + layer ->
/// layer 0   . . . . . . . .                    . . . . . . . .
/// layer 1     . . . . . .        becomes           . . . . . .
/// layer 2       . . . .                                . . . .
/// ```
///
/// A layer may compute in blocks (Winograd's tiles) of several positions, on multiples of the block in u. So the shift also
/// decides how far before the picture its first block begins, and whether there is one more than the picture's length asks
/// for: 64 pixels are 11 blocks of 6 that begin up to 2 before it, and else 12. Of a short dimension that is a tenth of all
/// work, and a layer is shifted further where that saves it a block.
struct LayerShifts: Sendable {
  /// u - x of every layer; 0 is the network's input, which is not shifted.
  private let shifts: [Int]
  /// Whether there may be more than one step.
  let isCut: Bool
  /// The most positions that a step needs of any layer before its own, and after them.
  let margins: (before: Int, after: Int)

  /// - Parameters:
  ///   - length: the picture's extent.
  ///   - blocks: the block length of every layer, the input's (1) first.
  ///   - isCut: whether there may be more than one step. If not, the blocks are the same, and the shifts less than a block.
  init(length: Int, blocks: [Int], isCut: Bool) {
    var shifts = [0]
    for block in blocks.dropFirst() {
      // A longer dimension is cut, and would lose by what its layers keep longer for the next what it gains.
      let spare = length > TaskShape.longest ? block - 1 : (block - length % block) % block
      var shift = shifts[shifts.count - 1] + 1
      if shift % block > spare { shift = (shift / block + 1) * block }
      shifts.append(shift)
    }
    if !isCut { shifts = zip(shifts, blocks).map { $0 % $1 } }
    self.shifts = shifts
    self.isCut = isCut
    let middles = zip(shifts, shifts.dropFirst()).map { $0 - $1 }
    margins = (middles.map(Self.behind).reduce(0, max), middles.map(Self.ahead).reduce(0, max))
  }

  subscript(layer: Int) -> Int { shifts[layer] }

  /// By how much more than the picture's length all layers together extend.
  var total: Int { shifts.reduce(0, max) }

  /// Where in a layer's u the middle lies of what the next layer reads for its position 0.
  func middle(ofNextAfter layer: Int) -> Int { shifts[layer] - shifts[layer + 1] }

  /// How many positions before its own a step needs of a layer, for the next layer.
  func behind(_ layer: Int) -> Int { Self.behind(middle: middle(ofNextAfter: layer)) }

  /// How many of these are kept for the next step: none where there is but one.
  func kept(_ layer: Int) -> Int { isCut ? behind(layer) : 0 }

  private static func behind(middle: Int) -> Int { max(0, 1 - middle) }

  /// None where there is more than one step.
  private static func ahead(middle: Int) -> Int { max(0, 1 + middle) }
}
