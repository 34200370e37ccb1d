/// MATLAB's `imresize(A, scale, 'bicubic')` in double precision, for evaluation and for making training data.
///
/// Antialiased when reducing, mirrored edges, the dimension with the smaller scale first (rows at a tie). Agrees
/// with MATLAB's own results to about 2e-13 on samples of 0...255.
///
/// - Parameters:
///   - samples: row-major, `width * height`.
///   - width: of the input.
///   - height: of the input.
///   - toWidth: of the result.
///   - toHeight: of the result.
///   - scale: as given to MATLAB; nil when a size was given, and then output over input length in each dimension.
/// - Returns: row-major samples, not clipped.
/// - Complexity: O(outputs x taps), with 4 taps enlarging and about 4 / scale reducing.
package func imresize(
  _ samples: [Double], width: Int, height: Int, toWidth: Int, toHeight: Int, scale: Double? = nil
) -> [Double] {
  precondition(width > 0 && height > 0 && toWidth > 0 && toHeight > 0 && samples.count == width * height)
  let scaleX = scale ?? Double(toWidth) / Double(width)
  let scaleY = scale ?? Double(toHeight) / Double(height)
  let across = BicubicContributions(
    inputLength: width, outputLength: toWidth, scale: scaleX, antialias: true)
  let down = BicubicContributions(
    inputLength: height, outputLength: toHeight, scale: scaleY, antialias: true)
  if scaleY <= scaleX {
    return resizeRows(resizeColumns(samples, width: width, down), width: width, across)
  }
  return resizeColumns(resizeRows(samples, width: width, across), width: toWidth, down)
}

/// Resizes each column: whole rows are weighted and summed.
private func resizeColumns(_ samples: [Double], width: Int, _ down: BicubicContributions) -> [Double] {
  [Double](unsafeUninitializedCapacity: width * down.outputLength) { output, count in
    samples.withUnsafeBufferPointer { input in
      for y in 0..<down.outputLength {
        let target = output.baseAddress.unsafelyUnwrapped + y * width
        target.initialize(repeating: 0, count: width)
        for tap in 0..<down.taps {
          let weight = down.weights[y * down.taps + tap]
          if weight == 0 { continue }
          let row = BicubicContributions.mirror(down.starts[y] + tap, down.inputLength)
          let source = input.baseAddress.unsafelyUnwrapped + row * width
          for x in 0..<width { target[x] += weight * source[x] }
        }
      }
    }
    count = width * down.outputLength
  }
}

/// Resizes each row.
private func resizeRows(_ samples: [Double], width: Int, _ across: BicubicContributions) -> [Double] {
  let height = samples.count / width
  let taps = across.taps
  let columns = across.starts.flatMap { start in
    (0..<taps).map { BicubicContributions.mirror(start + $0, width) }
  }
  return [Double](unsafeUninitializedCapacity: across.outputLength * height) { output, count in
    samples.withUnsafeBufferPointer { input in
      for y in 0..<height {
        for x in 0..<across.outputLength {
          var sum = 0.0
          for tap in x * taps..<(x + 1) * taps {
            sum += across.weights[tap] * input[y * width + columns[tap]]
          }
          output[y * across.outputLength + x] = sum
        }
      }
    }
    count = across.outputLength * height
  }
}
