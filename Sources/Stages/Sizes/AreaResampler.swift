import Pixels

/// Resampling by area: an output sample is the mean of the input over the rectangle that it covers, parts of pixels
/// counting by their share.
///
/// Reducing, this is the exact box filter, without ringing and with the mean brightness kept; enlarging, it repeats
/// pixels and blends only those that straddle a border. Like `BicubicResampler` it gives the same bits whatever
/// rectangle it is asked for in: rows are weighed into one first, its columns after.
struct AreaResampler: Sendable {
  let outputSize: Size
  private let across: AreaAxis
  private let down: AreaAxis

  init(from inputSize: Size, to outputSize: Size) {
    self.outputSize = outputSize
    across = AreaAxis(inputSize.width, outputSize.width)
    down = AreaAxis(inputSize.height, outputSize.height)
  }

  /// The input pixels that a rectangle of the output (not empty) is made of.
  func sourceRect(for rect: Rect) -> Rect {
    let columns = across.input(of: rect.x..<rect.x + rect.width)
    let rows = down.input(of: rect.y..<rect.y + rect.height)
    return Rect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Computes `rect` of the output from `source`, which points to the sample at `origin` of the input and holds at
  /// least `sourceRect(for: rect)`.
  /// - Complexity: O(area of the rectangle and of its source)
  func resize(
    from source: UnsafePointer<Float>, sourceStride: Int, origin: (x: Int, y: Int), rect: Rect,
    into target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let columns = across.input(of: rect.x..<rect.x + rect.width)
    withScratch([columns.count]) { planes in
      let line = planes[0]
      for y in 0..<rect.height {
        for x in 0..<columns.count { line[x] = 0 }
        down.forEachTap(of: rect.y + y) { row, weight in
          let samples = source + (row - origin.y) * sourceStride + (columns.lowerBound - origin.x)
          for x in 0..<columns.count { line[x] += weight * samples[x] }
        }
        let output = target + y * stride
        for x in 0..<rect.width {
          var sum: Float = 0
          across.forEachTap(of: rect.x + x) { column, weight in
            sum += weight * line[column - columns.lowerBound]
          }
          output[x] = sum
        }
      }
    }
  }
}

/// One dimension of it. Output `x` covers the input from `x * input / output` to `(x + 1) * input / output`; in units
/// of `1 / output` of an input pixel all borders are whole numbers, so that the weights are exact before their
/// division by `input`.
private struct AreaAxis: Sendable {
  let inputLength: Int
  let outputLength: Int

  init(_ inputLength: Int, _ outputLength: Int) {
    precondition(inputLength > 0 && outputLength > 0)
    self.inputLength = inputLength
    self.outputLength = outputLength
  }

  func input(of outputs: Range<Int>) -> Range<Int> {
    outputs.lowerBound * inputLength / outputLength..<(outputs.upperBound * inputLength + outputLength - 1)
      / outputLength
  }

  @inline(__always)
  func forEachTap(of output: Int, _ body: (Int, Float) -> Void) {
    let (start, end) = (output * inputLength, (output + 1) * inputLength)
    for index in start / outputLength..<(end + outputLength - 1) / outputLength {
      let overlap = min(end, (index + 1) * outputLength) - max(start, index * outputLength)
      body(index, Float(overlap) / Float(inputLength))
    }
  }
}
