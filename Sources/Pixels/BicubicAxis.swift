/// One dimension of a `BicubicResampler`: its contributions in single precision and the two inner loops.
///
/// A sample's sum has one order, in vector and scalar code alike: with four taps (w0 a + w1 b) + (w2 c + w3 d);
/// with more, each of the four partial sums runs over every fourth tap first (across) or the taps are added one
/// after the other (down). Multiplications and additions are rounded separately, never fused.
struct BicubicAxis: Sendable {
  let contributions: BicubicContributions
  private let taps: Int
  private let starts: [Int]
  private let weights: [Float]
  /// Whether every other output has the same weights, a sample further on: at twice the length.
  private let isDoubling: Bool

  init(_ inputLength: Int, _ outputLength: Int, antialias: Bool, tapMultiple: Int) {
    contributions = BicubicContributions(
      inputLength: inputLength, outputLength: outputLength,
      scale: Double(outputLength) / Double(inputLength), antialias: antialias, tapMultiple: tapMultiple)
    taps = contributions.taps
    starts = contributions.starts
    weights = contributions.weights.map { Float($0) }
    isDoubling =
      taps == 4 && zip(starts, starts.dropFirst(2)).allSatisfy { $1 == $0 + 1 }
      && zip(weights, weights.dropFirst(2 * taps)).allSatisfy { $0 == $1 }
  }

  // MARK: - Down

  /// Weighs the input rows that output row `output` is made of, into the columns `window` of the mirrored input.
  ///
  /// `source` points to the sample at `origin`, its rows `stride` apart; `width` is the input's, where the
  /// mirroring starts.
  func weighRows(
    of source: UnsafePointer<Float>, stride: Int, origin: (x: Int, y: Int), width: Int, output: Int,
    window: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let inside = max(window.lowerBound, 0)..<min(window.upperBound, width)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: taps) { rows in
      weights.withUnsafeBufferPointer { weights in
        for tap in 0..<taps {
          let row = BicubicContributions.mirror(starts[output] + tap, contributions.inputLength)
          rows.initializeElement(at: tap, to: source + (row - origin.y) * stride)
        }
        let rows = UnsafePointer(rows.baseAddress.unsafelyUnwrapped)
        let weights = weights.baseAddress.unsafelyUnwrapped + output * taps
        weigh(
          rows, weights, from: inside.lowerBound - origin.x, count: inside.count,
          into: target + (inside.lowerBound - window.lowerBound))
        for outside in [window.lowerBound..<inside.lowerBound, inside.upperBound..<window.upperBound] {
          for column in outside {
            let mirrored = BicubicContributions.mirror(column, width) - origin.x
            weigh(rows, weights, from: mirrored, count: 1, into: target + (column - window.lowerBound))
          }
        }
      }
    }
  }

  /// target[i] = sum over t of weights[t] * rows[t][from + i].
  @inline(__always)
  private func weigh(
    _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, from: Int, count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    if taps == 4 {
      let (a, b, c, d) = (rows[0] + from, rows[1] + from, rows[2] + from, rows[3] + from)
      let (wa, wb, wc, wd) = (weights[0], weights[1], weights[2], weights[3])
      forEachEight(of: count) { i in
        store8((wa * load8(a + i) + wb * load8(b + i)) + (wc * load8(c + i) + wd * load8(d + i)), target + i)
      } one: { i in
        target[i] = (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i])
      }
    } else {
      forEachEight(of: count) { i in
        var sum = weights[0] * load8(rows[0] + from + i)
        for tap in 1..<max(taps, 1) { sum += weights[tap] * load8(rows[tap] + from + i) }
        store8(sum, target + i)
      } one: { i in
        var sum = weights[0] * rows[0][from + i]
        for tap in 1..<max(taps, 1) { sum += weights[tap] * rows[tap][from + i] }
        target[i] = sum
      }
    }
  }

  // MARK: - Across

  /// Weighs a row of the mirrored input, `row[0]` being its column `first`, into the outputs `range`.
  func weighColumns(
    _ range: Range<Int>, of row: UnsafePointer<Float>, first: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let count = range.count
    starts.withUnsafeBufferPointer { starts in
      weights.withUnsafeBufferPointer { weights in
        let starts = starts.baseAddress.unsafelyUnwrapped + range.lowerBound
        let weights = weights.baseAddress.unsafelyUnwrapped + range.lowerBound * taps
        let row = row - first
        var x = 0
        if isDoubling {
          while x + 8 <= count {
            let w = weights + 4 * x
            var outputs = SIMD8<Float>()
            outputs.evenHalf = weighed4(w, row + starts[x])
            outputs.oddHalf = weighed4(w + 4, row + starts[x + 1])
            store8(outputs, target + x)
            x += 8
          }
        }
        if taps == 4 {
          while x + 4 <= count {
            let w = weights + 4 * x
            let p0 = load4(w) * load4(row + starts[x])
            let p1 = load4(w + 4) * load4(row + starts[x + 1])
            let p2 = load4(w + 8) * load4(row + starts[x + 2])
            let p3 = load4(w + 12) * load4(row + starts[x + 3])
            store4(pairSums(pairSums(p0, p1), pairSums(p2, p3)), target + x)
            x += 4
          }
        }
        while x < count {
          let w = weights + taps * x
          let samples = row + starts[x]
          var sums = load4(w) * load4(samples)
          var tap = 4
          while tap < taps {
            sums += load4(w + tap) * load4(samples + tap)
            tap += 4
          }
          target[x] = (sums[0] + sums[1]) + (sums[2] + sums[3])
          x += 1
        }
      }
    }
  }
}

/// Four sums of four samples each by the same weights, each a sample further on.
@inline(__always)
private func weighed4(_ w: UnsafePointer<Float>, _ samples: UnsafePointer<Float>) -> SIMD4<Float> {
  (w[0] * load4(samples) + w[1] * load4(samples + 1))
    + (w[2] * load4(samples + 2) + w[3] * load4(samples + 3))
}

/// Calls `eight` with the first of every eight indices. What is left behind the last of them is done with as many before it once
/// more, or where there are less than eight in all one by one.
@inline(__always)
private func forEachEight(of count: Int, _ eight: (Int) -> Void, one: (Int) -> Void) {
  var i = 0
  while i + 8 <= count {
    eight(i)
    i += 8
  }
  if i == count { return }
  if count >= 8 { return eight(count - 8) }
  while i < count {
    one(i)
    i += 1
  }
}

/// (a0 + a1, a2 + a3, b0 + b1, b2 + b3): twice over, four vectors become the vector of their sums.
@inline(__always)
private func pairSums(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
  let both = SIMD8(lowHalf: a, highHalf: b)
  return both.evenHalf + both.oddHalf
}

@inline(__always)
private func load4(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
private func store4(_ value: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD4<Float>.self)
}

@inline(__always)
private func load8(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store8(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD8<Float>.self)
}
