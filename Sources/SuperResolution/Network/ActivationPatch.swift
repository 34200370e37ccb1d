import Convolution

/// A rectangle of one layer's activations in memory: rows of pixels, the channels of a pixel side by side.
///
/// A handle without ownership: one buffer serves all layers in turn, each with its own count of channels.
struct ActivationPatch {
  let base: UnsafeMutablePointer<Float>
  /// Floats from a pixel to the next.
  let pixelStride: Int
  /// Pixels of a row.
  let width: Int
  /// Rows.
  let height: Int

  /// The pixel in `row` and `column`.
  func pixel(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
    base + (row &* width &+ column) &* pixelStride
  }

  /// Copies `columns` of `rows` from a patch of as many channels, whose pixel (`sourceRow`, `sourceColumn`) goes to the
  /// first of them.
  func copy(
    rows: Range<Int>, columns: Range<Int>, from source: ActivationPatch, sourceRow: Int, sourceColumn: Int
  ) {
    for row in rows {
      pixel(row, columns.lowerBound).update(
        from: source.pixel(sourceRow + row - rows.lowerBound, sourceColumn),
        count: columns.count &* pixelStride)
    }
  }

  /// Makes `columns` of `rows` zero.
  func clear(rows: Range<Int>, columns: Range<Int>) {
    guard !columns.isEmpty else { return }
    for row in rows {
      pixel(row, columns.lowerBound).update(repeating: 0, count: columns.count &* pixelStride)
    }
  }

  /// Makes zero what lies in `rows` x `columns` but not in `insideRows` x `insideColumns`.
  func clearOutside(
    rows: Range<Int>, columns: Range<Int>, insideRows: Range<Int>, insideColumns: Range<Int>
  ) {
    let top = min(max(insideRows.lowerBound, rows.lowerBound), rows.upperBound)
    let bottom = min(max(insideRows.upperBound, top), rows.upperBound)
    let left = min(max(insideColumns.lowerBound, columns.lowerBound), columns.upperBound)
    let right = min(max(insideColumns.upperBound, left), columns.upperBound)
    clear(rows: rows.lowerBound..<top, columns: columns)
    clear(rows: bottom..<rows.upperBound, columns: columns)
    clear(rows: top..<bottom, columns: columns.lowerBound..<left)
    clear(rows: top..<bottom, columns: right..<columns.upperBound)
  }
}
