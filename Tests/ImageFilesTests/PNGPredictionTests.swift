import CPNG
import Pixels
import Testing

/// Rows as differences from Paeth's predictor, by every width of vectors that this processor has.
@Suite struct PNGPredictionTests {
  /// As PNG's specification has it (9.4).
  private static func predicted(_ row: [UInt8], _ above: [UInt8], distance: Int) -> [UInt8] {
    row.indices.map { index in
      let left = index < distance ? 0 : Int(row[index - distance])
      let (up, corner) = (Int(above[index]), index < distance ? 0 : Int(above[index - distance]))
      let sum = left + up - corner
      let (toLeft, toUp, toCorner) = (abs(sum - left), abs(sum - up), abs(sum - corner))
      let nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
      return UInt8(truncatingIfNeeded: Int(row[index]) - nearest)
    }
  }

  @Test(arguments: [128, 256, 512].filter { $0 <= acuity_png_vector_bits() }) func isAsSpecified(
    vectorBits: Int
  ) throws {
    var random = RandomSource(seed: 5)
    for distance in [1, 2, 3, 4, 6, 8] {
      for count in [1, 2, 5, 31, 64, 127, 200, 1000].map({ $0 * distance }) {
        // Of few values, so that equal distances are common, and of all.
        for values in [3, 256] {
          let row = (0..<count).map { _ in UInt8(random.below(values)) }
          let above = (0..<count).map { _ in UInt8(random.below(values)) }
          // A byte more, which stays as it is.
          var target = [UInt8](repeating: 77, count: count + 1)
          acuity_png_predict(Int32(vectorBits), row, above, &target, count, distance)
          #expect(
            target == Self.predicted(row, above, distance: distance) + [77], "\(distance) \(count) \(values)")
        }
      }
    }
  }
}
