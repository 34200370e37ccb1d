/// Bicubic resampling of float planes between two sizes, as MATLAB's `imresize` defines it (Keys' kernel with
/// a = -0.5, mirrored edges, the kernel widened when reducing), with all weights computed once.
///
/// Every output sample is made by the same operations in the same order, whatever rectangle it is asked for in (rows are
/// weighed into one first, its columns after): tiles put together are bit-identical to the whole. Values outside 0...1 are
/// neither clipped nor special; the kernel overshoots at edges.
public struct BicubicResampler: Sendable {
  /// What it takes.
  public let inputSize: Size
  /// What it makes.
  public let outputSize: Size

  private let across: BicubicAxis
  private let down: BicubicAxis

  /// Computes the weights of all rows and columns.
  ///
  /// - Parameters:
  ///   - inputSize: at least 1 x 1.
  ///   - outputSize: at least 1 x 1; the scale of each dimension is the quotient of the lengths.
  ///   - antialias: widen the kernel when reducing.
  /// - Complexity: O(width + height) of the output, times the taps.
  public init(from inputSize: Size, to outputSize: Size, antialias: Bool = true) {
    self.inputSize = inputSize
    self.outputSize = outputSize
    across = BicubicAxis(inputSize.width, outputSize.width, antialias: antialias, tapMultiple: 4)
    down = BicubicAxis(inputSize.height, outputSize.height, antialias: antialias, tapMultiple: 1)
  }

  /// Resamples a whole plane, which must be of `inputSize`.
  ///
  /// - Complexity: about 1 ns a pixel enlarging.
  public func resize(_ plane: Plane) -> Plane {
    precondition(plane.width == inputSize.width && plane.height == inputSize.height)
    let whole = Rect(x: 0, y: 0, width: outputSize.width, height: outputSize.height)
    let pixels = [Float](unsafeUninitializedCapacity: whole.width * whole.height) { output, count in
      plane.pixels.withUnsafeBufferPointer { input in
        resize(
          from: input.baseAddress.unsafelyUnwrapped, sourceStride: plane.width, rect: whole,
          into: output.baseAddress.unsafelyUnwrapped, stride: whole.width)
      }
      count = whole.width * whole.height
    }
    return Plane(width: whole.width, height: whole.height, pixels: pixels)
  }

  /// The input pixels that a rectangle of the output is made of.
  package func sourceRect(for rect: Rect) -> Rect {
    if rect.width == 0 || rect.height == 0 { return Rect(x: 0, y: 0, width: 0, height: 0) }
    let columns = across.contributions.inputRange(of: rect.x..<rect.x + rect.width)
    let rows = down.contributions.inputRange(of: rect.y..<rect.y + rect.height)
    return Rect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Computes a rectangle of the output, bit-identical to the same rectangle of the whole.
  ///
  /// - Parameters:
  ///   - source: the sample at `origin` of the input, rows `sourceStride` apart; at least `sourceRect(for: rect)`
  ///     must be there.
  ///   - sourceStride: samples from row to row.
  ///   - origin: where in the input `source` points to.
  ///   - rect: inside `outputSize`.
  ///   - target: receives the rectangle, rows `stride` apart.
  ///   - stride: samples from row to row.
  /// - Complexity: O(area of the rectangle).
  package func resize(
    from source: UnsafePointer<Float>, sourceStride: Int, origin: (x: Int, y: Int) = (0, 0), rect: Rect,
    into target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    precondition(rect.x >= 0 && rect.y >= 0 && rect.width >= 0 && rect.height >= 0)
    precondition(rect.x + rect.width <= outputSize.width && rect.y + rect.height <= outputSize.height)
    if rect.width == 0 || rect.height == 0 { return }

    // The windows of the rectangle's pixels lie in `first ..< end` of the mirrored input; one row of these
    // columns, already weighted over the rows, is the intermediate.
    let outputs = rect.x..<rect.x + rect.width
    let window = across.contributions.window(of: outputs)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: window.count) { intermediate in
      let row = intermediate.baseAddress.unsafelyUnwrapped
      for y in 0..<rect.height {
        down.weighRows(
          of: source, stride: sourceStride, origin: origin, width: inputSize.width, output: rect.y + y,
          window: window, into: row)
        across.weighColumns(outputs, of: row, first: window.lowerBound, into: target + y * stride)
      }
    }
  }
}
