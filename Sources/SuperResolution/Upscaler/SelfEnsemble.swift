import Convolution
public import Pixels

/// The mean of what a model makes of a plane in its eight orientations, each turned back: slower by eight times and a little
/// more exact, for what a model has learned of an edge it has not learned in all directions alike.
///
/// "Enhanced prediction" of R. Timofte, R. Rothe and L. Van Gool, "Seven ways to improve example-based single image super
/// resolution", CVPR 2016; known to other tools as test-time augmentation.
public struct SelfEnsemble: LumaModel {
  private let model: any LumaModel

  /// The ensemble of one model.
  public init(_ model: any LumaModel) {
    self.model = model
  }

  /// That of its model.
  public var lumaConvention: LumaConvention { model.lumaConvention }

  /// Eight times its model's.
  public var multiplyAddsPerPixel: Int { Orientation.all.count * model.multiplyAddsPerPixel }

  /// Its model's, and that it is an ensemble.
  public var content: [UInt8] { Array("self-ensemble of ".utf8) + model.content }

  /// The sum of the orientations' results: a float for every pixel.
  public func fixedMemory(for size: Size) -> Int {
    4 * size.width * size.height + model.fixedMemory(for: size)
  }

  /// The sum, and what its model takes, upright or lying.
  public func workingMemory(for size: Size, options: RunOptions) -> Int {
    fixedMemory(for: size)
      + [size, size.transposed].map {
        model.workingMemory(for: $0, options: options) - model.fixedMemory(for: $0)
      }.reduce(0, max)
  }

  /// Runs the model eight times, then hands on the mean as the model does that adds nothing.
  public func enhance(
    size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
  ) throws {
    guard size.width > 0, size.height > 0 else { return }
    // Added up in the order of the orientations, so that threads and tiles change no bit.
    let sum = FloatBuffer(count: size.width * size.height)
    for (index, orientation) in Orientation.all.enumerated() {
      var own = options
      own.progress = options.progress.map { report in
        { @Sendable (share: Double) in report((Double(index) + share) / Double(Orientation.all.count)) }
      }
      try model.enhance(
        size: orientation.turned(size), options: own,
        source: { rect, target, stride in
          let upright = orientation.upright(rect, in: size)
          Scratch.with(1, planesOf: upright) { planes in
            let plane = planes[0]
            source(upright, plane, upright.width)
            orientation.forEachPixel(of: rect, rowsOf: upright.width) { row, column, index in
              target[row * stride + column] = plane[index]
            }
          }
        },
        sink: { rect, values, stride in
          let upright = orientation.upright(rect, in: size)
          let own = sum.pointer + (upright.y * size.width + upright.x)
          orientation.forEachPixel(of: rect, rowsOf: size.width) { row, column, index in
            own[index] += values[row * stride + column]
          }
        })
    }
    var handingOn = options
    handingOn.progress = nil
    try Bicubic().enhance(
      size: size, options: handingOn,
      source: { rect, target, stride in
        for row in 0..<rect.height {
          let own = sum.pointer + ((rect.y + row) * size.width + rect.x)
          for column in 0..<rect.width {
            target[row * stride + column] = own[column] / Float(Orientation.all.count)
          }
        }
      }, sink: sink)
  }
}

/// One of the eight ways to lay a plane: mirrored left to right or not, top to bottom or not, and then its rows made columns or
/// not.
private struct Orientation {
  let isMirrored: Bool
  let isUpsideDown: Bool
  let isTransposed: Bool

  static let all = (0..<8).map {
    Orientation(isMirrored: $0 & 1 != 0, isUpsideDown: $0 & 2 != 0, isTransposed: $0 & 4 != 0)
  }

  func turned(_ size: Size) -> Size { isTransposed ? size.transposed : size }

  /// Where a rectangle of the turned plane lies in the plane itself, whose size is given.
  func upright(_ rect: Rect, in size: Size) -> Rect {
    let rect =
      isTransposed ? Rect(x: rect.y, y: rect.x, width: rect.height, height: rect.width) : rect
    return Rect(
      x: isMirrored ? size.width - rect.x - rect.width : rect.x,
      y: isUpsideDown ? size.height - rect.y - rect.height : rect.y, width: rect.width, height: rect.height)
  }

  /// Every pixel of a rectangle of the turned plane, and its index in the upright one, counted from that one's corner, in rows
  /// of `width`.
  func forEachPixel(
    of rect: Rect, rowsOf width: Int, _ body: (_ row: Int, _ column: Int, _ index: Int) -> Void
  ) {
    let (across, down) = (isMirrored ? -1 : 1, isUpsideDown ? -width : width)
    let (perColumn, perRow) = isTransposed ? (down, across) : (across, down)
    let columns = (isTransposed ? rect.height : rect.width) - 1
    let rows = (isTransposed ? rect.width : rect.height) - 1
    let start = (isMirrored ? columns : 0) + (isUpsideDown ? rows * width : 0)
    for row in 0..<rect.height {
      for column in 0..<rect.width { body(row, column, start + row * perRow + column * perColumn) }
    }
  }
}

extension Size {
  fileprivate var transposed: Size { Size(width: height, height: width) }
}
