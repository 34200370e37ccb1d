/// One dimension of a bicubic resize: which input samples make each output sample, and with what weights, as
/// MATLAB's `imresize` defines them.
///
/// Output sample `x` is the sum over `t` of `weights[x * taps + t] * input[mirror(starts[x] + t)]`. Windows reach
/// beyond the edge: the input continues as its mirror image, the edge sample repeated.
struct BicubicContributions: Sendable {
  let inputLength: Int
  let outputLength: Int
  let taps: Int
  /// First input index of each window, rising; may be negative.
  let starts: [Int]
  let weights: [Double]

  /// - Parameters:
  ///   - inputLength: samples, at least 1.
  ///   - outputLength: samples, at least 1.
  ///   - scale: output over input length; MATLAB allows one that doesn't equal the quotient of the lengths.
  ///   - antialias: widen the kernel by 1 / scale when reducing, so that it is a low-pass filter.
  ///   - tapMultiple: windows are filled up with zero weights to a multiple of this.
  init(inputLength: Int, outputLength: Int, scale: Double, antialias: Bool, tapMultiple: Int = 1) {
    precondition(inputLength > 0 && outputLength > 0 && scale > 0)
    let shrink = antialias && scale < 1 ? scale : 1
    let kernelWidth = 4 / shrink
    let reach = Int(kernelWidth.rounded(.up)) + 2

    // MATLAB counts from 1 and so does `center`: the arithmetic is the same to the last bit.
    var firsts: [Int] = []
    var windows: [[Double]] = []
    for x in 1...outputLength {
      let center = Double(x) / scale + 0.5 * (1 - 1 / scale)
      let left = (center - kernelWidth / 2).rounded(.down)
      let raw = (0..<reach).map { shrink * Self.kernel(shrink * (center - (left + Double($0)))) }
      let sum = raw.reduce(0, +)
      firsts.append(Int(left) - 1)
      windows.append(raw.map { $0 / sum })
    }

    // Positions that are zero in every window go, as in MATLAB; the windows keep one length and rising starts.
    let used = (0..<reach).filter { tap in windows.contains { $0[tap] != 0 } }
    let low = used.first ?? 0
    let high = used.last ?? 0
    let taps = (high + 1 - low + tapMultiple - 1) / tapMultiple * tapMultiple
    let filling = [Double](repeating: 0, count: taps - (high + 1 - low))
    self.inputLength = inputLength
    self.outputLength = outputLength
    self.taps = taps
    starts = firsts.map { $0 + low }
    weights = windows.flatMap { $0[low...high] + filling }
  }

  /// Keys' cubic convolution kernel with a = -0.5 (IEEE Trans. ASSP 29, 1981).
  static func kernel(_ x: Double) -> Double {
    let a = abs(x)
    let a2 = a * a
    let a3 = a2 * a
    if a <= 1 { return 1.5 * a3 - 2.5 * a2 + 1 }
    if a <= 2 { return -0.5 * a3 + 2.5 * a2 - 4 * a + 2 }
    return 0
  }

  /// The sample that stands at `index` of the input continued by its mirror images.
  @inline(__always)
  static func mirror(_ index: Int, _ length: Int) -> Int {
    if index >= 0 && index < length { return index }
    let period = 2 * length
    let phase = ((index % period) + period) % period
    return phase < length ? phase : period - 1 - phase
  }

  /// The span of the mirrored input that outputs `range` (not empty) need; may reach beyond the edges.
  func window(of range: Range<Int>) -> Range<Int> {
    starts[range.lowerBound]..<starts[range.upperBound - 1] + taps
  }

  /// The span of true input samples that outputs `range` (not empty) need.
  func inputRange(of range: Range<Int>) -> Range<Int> {
    let window = window(of: range)
    var low = max(window.lowerBound, 0)
    var high = min(window.upperBound, inputLength)
    for index in [
      window.lowerBound..<max(window.lowerBound, 0), min(window.upperBound, inputLength)..<window.upperBound,
    ].joined() {
      let inside = Self.mirror(index, inputLength)
      low = min(low, inside)
      high = max(high, inside + 1)
    }
    return low..<high
  }
}
