import Convolution
import Dispatch
import Microkernel
import Pixels
import SuperResolution

/// One layer over a plane in memory, to be computed again and again, and its definition to check the result against.
final class ConvolutionCase: Sendable {
  /// Rows and columns of a piece of work: its inputs of 64 channels lie in the second-level cache with the weights. A
  /// multiple of both of Winograd's tiles.
  private static let piece = (rows: 12, columns: 48)

  let inputChannels: Int
  let outputChannels: Int
  let size: Size
  private let kernels: Kernels
  private let packed: Packed
  private let weights: [Float]
  private let bias: [Float]
  private let input: Activations
  private let output: Activations

  private enum Packed: Sendable {
    case direct(PackedWeights)
    case winograd(WinogradWeights)
  }

  /// Pixels with a border of one, in whole pieces, so that tiles may reach beyond the plane.
  private struct Activations: Sendable {
    let buffer: FloatBuffer
    let stride: Int
    let rowStride: Int

    init(_ size: Size, channels: Int) {
      stride = paddedChannels(channels)
      let (columns, rows) = Self.extent(size)
      rowStride = columns * stride
      buffer = FloatBuffer(count: rowStride * rows)
    }

    static func count(_ size: Size, channels: Int) -> Int {
      let (columns, rows) = extent(size)
      return columns * rows * paddedChannels(channels)
    }

    private static func extent(_ size: Size) -> (columns: Int, rows: Int) {
      func whole(_ length: Int, _ piece: Int) -> Int { (length + piece - 1) / piece * piece + 2 }
      return (whole(size.width, piece.columns), whole(size.height, piece.rows))
    }

    func pixel(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
      buffer.pointer + (row + 1) * rowStride + (column + 1) * stride
    }
  }

  /// - Parameters:
  ///   - inputChannels: 1 or more.
  ///   - outputChannels: 1 or more.
  ///   - size: of the plane, at least 1 x 1.
  ///   - algorithm: `auto` is direct here; a layer of few channels is always direct, as in a network.
  ///   - kernels: of the instruction set to measure.
  init(
    inputChannels: Int, outputChannels: Int, size: Size, algorithm: Network.Algorithm, kernels: Kernels
  ) {
    (self.inputChannels, self.outputChannels, self.size) = (inputChannels, outputChannels, size)
    self.kernels = kernels
    var random = RandomSource(seed: 1)
    // He-normal, so that the outputs are about as large as the inputs.
    let deviation = (2 / Double(9 * inputChannels)).squareRoot()
    weights = (0..<9 * inputChannels * outputChannels).map { _ in Float(random.normal() * deviation) }
    bias = (0..<outputChannels).map { _ in Float(random.normal() * 0.1) }
    let suits = WinogradTile.suits(inputChannels: inputChannels, outputChannels: outputChannels)
    let tile: WinogradTile? =
      !suits ? nil : algorithm == .winograd4 ? .f4 : algorithm == .winograd6 ? .f6 : nil
    if let tile {
      packed = .winograd(
        WinogradWeights(
          weights, bias: bias, inputChannels: inputChannels, outputChannels: outputChannels, tile: tile,
          instructionSet: kernels.instructionSet))
    } else {
      packed = .direct(
        PackedWeights(
          weights, bias: bias, inputChannels: inputChannels, outputChannels: outputChannels,
          instructionSet: kernels.instructionSet))
    }
    input = Activations(size, channels: inputChannels)
    output = Activations(size, channels: outputChannels)
    for row in 0..<size.height {
      for column in 0..<size.width {
        let pixel = input.pixel(row, column)
        for channel in 0..<inputChannels { pixel[channel] = Float(random.uniform()) }
      }
    }
  }

  /// Bytes that a case takes: both planes, and the weights as they are and packed, by Winograd's algorithm for a tile of 8x8.
  static func memory(inputChannels: Int, outputChannels: Int, size: Size) -> Int {
    let planes =
      Activations.count(size, channels: inputChannels) + Activations.count(size, channels: outputChannels)
    let weights = (9 + 64) * paddedChannels(inputChannels) * paddedChannels(outputChannels)
    return 4 * (planes + weights)
  }

  /// The kernel that computes it.
  var kernel: String {
    switch packed {
    case .direct: "direct"
    case .winograd(let weights): weights.tile == .f4 ? "winograd4" : "winograd6"
    }
  }

  /// Multiplications and additions of one pass by the definition, whatever the algorithm saves of them.
  var operations: Double {
    2 * 9 * Double(inputChannels * outputChannels) * Double(size.width) * Double(size.height)
  }

  /// How often a run computes the plane: often enough that starting the threads does not count, some 15 ms. By Winograd's
  /// algorithm a small plane takes as long as a whole piece.
  var passes: Int {
    var work = operations
    if case .winograd = packed {
      let (rows, columns) = Self.piece
      let wholes = (size.height + rows - 1) / rows * rows * ((size.width + columns - 1) / columns * columns)
      // Of channels, whole vectors.
      work = 2 * 9 * Double(max(inputChannels, 16) * max(outputChannels, 16) * wholes)
    }
    return max(1, Int(1.6e9 / work))
  }

  /// Computes the plane `passes` times, or with less than all phases of Winograd's algorithm does that part of the work.
  /// Each thread has pieces of its own, which it takes in every pass.
  func run(threads: Int, phases: WinogradPhases = .all) {
    let (rows, columns) = Self.piece
    let across = (size.width + columns - 1) / columns
    let count = across * ((size.height + rows - 1) / rows)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let scratch = FloatBuffer(count: scratchCount)
      for _ in 0..<passes {
        for index in stride(from: thread, to: count, by: threads) {
          compute(
            row: index / across * rows, column: index % across * columns, phases: phases,
            scratch: scratch.pointer)
        }
      }
    }
  }

  private var scratchCount: Int {
    switch packed {
    case .direct: 0
    case .winograd(let weights): weights.scratchCount
    }
  }

  private func compute(
    row: Int, column: Int, phases: WinogradPhases, scratch: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns) = Self.piece
    let inputs = (0..<rows + 2).map { UnsafePointer(input.pixel(row + $0 - 1, column)) }
    let outputs = (0..<rows).map { output.pixel(row + $0, column) }
    inputs.withUnsafeBufferPointer { inputs in
      outputs.withUnsafeBufferPointer { outputs in
        guard let inputs = inputs.baseAddress, let outputs = outputs.baseAddress else { return }
        switch packed {
        case .direct(let weights):
          kernels.convolveRows(
            inputs, into: outputs, rows: min(rows, size.height - row),
            width: min(columns, size.width - column), weights: weights)
        case .winograd(let weights):
          kernels.convolveTiles(
            inputs, into: outputs, rows: rows, width: columns, weights: weights, phases: phases,
            scratch: scratch)
        }
      }
    }
  }

  // MARK: - Checking

  /// How far the computed outputs are from the definition in Double, at the corners and in the middle.
  struct Check {
    /// The largest error.
    var error = 0.0
    /// The root mean square of the outputs looked at.
    var magnitude = 0.0
    /// The largest part that an error is of its bound: of 9 x input channels roundings of a sum of the products'
    /// absolute values, each half a unit in the last place.
    var partOfBound = 0.0

    var passes: Bool { partOfBound <= 1 }
  }

  func check() -> Check {
    var check = Check()
    var squares = 0.0
    var count = 0
    let side = Size(width: min(size.width, 8), height: min(size.height, 8))
    for y in Set([0, (size.height - side.height) / 2, size.height - side.height]) {
      for x in Set([0, (size.width - side.width) / 2, size.width - side.width]) {
        compare(Rect(x: x, y: y, width: side.width, height: side.height)) { error, value, bound in
          check.error = max(check.error, error.isNaN ? .infinity : error)
          check.partOfBound = max(check.partOfBound, error.isNaN ? .infinity : error / bound)
          squares += value * value
          count += 1
        }
      }
    }
    check.magnitude = (squares / Double(count)).squareRoot()
    return check
  }

  /// Calls `body` with the error, the exact value and the bound of each output in `rect`.
  private func compare(_ rect: Rect, _ body: (Double, Double, Double) -> Void) {
    // With a border, which is zero outside of the plane as the convolution has it.
    let (width, height) = (rect.width + 2, rect.height + 2)
    var patch: [Double] = []
    for row in rect.y - 1...rect.y + rect.height {
      for column in rect.x - 1...rect.x + rect.width {
        let inside = (0..<size.height).contains(row) && (0..<size.width).contains(column)
        for channel in 0..<inputChannels {
          patch.append(inside ? Double(input.pixel(row, column)[channel]) : 0)
        }
      }
    }
    func forward(_ patch: [Double], _ weights: [Double], _ bias: [Double]) -> [Double] {
      ReferenceConvolution.forward(
        patch, width: width, height: height, weights: weights, bias: bias, inputChannels: inputChannels,
        outputChannels: outputChannels)
    }
    let exact = forward(patch, weights.map(Double.init), bias.map(Double.init))
    let sums = forward(patch.map(abs), weights.map { abs(Double($0)) }, bias.map { abs(Double($0)) })
    for row in 0..<rect.height {
      for column in 0..<rect.width {
        for channel in 0..<outputChannels {
          let index = ((row + 1) * width + column + 1) * outputChannels + channel
          let computed = Double(output.pixel(rect.y + row, rect.x + column)[channel])
          let bound = Double(9 * inputChannels + 1) * 0x1p-24 * sums[index]
          body(abs(computed - exact[index]), exact[index], bound)
        }
      }
    }
  }
}
