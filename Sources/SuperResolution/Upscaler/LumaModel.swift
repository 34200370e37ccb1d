public import Pixels

/// What adds the detail to luma that is enlarged already: a network, or whatever else makes of a plane another one of its size.
///
/// To add one, write a type in a file of its own and a line in `ModelRegistry.builtIn`, or register it with a registry of your own.
/// The same plane gives the same bytes whatever the options; a model keeps no state between planes and serves several threads
/// at a time.
public protocol LumaModel: Sendable {
  /// What the numbers of its planes mean; the default is `studio`.
  var lumaConvention: LumaConvention { get }

  /// How much work a pixel is, in multiply-adds, for progress and predictions.
  var multiplyAddsPerPixel: Int { get }

  /// What the results depend on beside the plane: weights, or of a model that is nothing but code a name and a version. Where
  /// this is equal, results are taken for equal, so no other model may have the same.
  var content: [UInt8] { get }

  /// Bytes that a plane of this size takes beside itself and the weights; the default is none to speak of.
  func workingMemory(for size: Size, options: RunOptions) -> Int

  /// Those of them that it takes whatever `RunOptions.maxMemory` allows; the default is none.
  func fixedMemory(for size: Size) -> Int

  /// Enhances a plane rectangle by rectangle, so that no buffer of the picture's size is needed: `source` is asked for what the
  /// model wants to see, `sink` is given every pixel of the result once.
  ///
  /// - Parameters:
  ///   - size: of the plane, and of the result.
  ///   - options: threads, memory, progress.
  ///   - source: the plane.
  ///   - sink: where the result goes.
  /// - Throws: `CancellationError` when `options.isCancelled` says so; `ModelError` with cause `.outputNotFinite` where a result
  ///   would be no number.
  func enhance(
    size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
  ) throws
}

/// Fills a rectangle inside a model's input: values of row r start at `target + r * stride`, which counts floats. Called from
/// several threads at a time, and more than once for some pixels.
public typealias PlaneSource =
  @Sendable (_ rect: Rect, _ target: UnsafeMutablePointer<Float>, _ stride: Int) -> Void

/// Takes a finished rectangle of the result: values of row r start at `values + r * stride`, and are not clipped. Called from
/// several threads at a time, with every pixel once.
public typealias PlaneSink =
  @Sendable (_ rect: Rect, _ values: UnsafePointer<Float>, _ stride: Int) -> Void

extension LumaModel {
  /// That of the models that ship.
  public var lumaConvention: LumaConvention { .studio }

  /// None.
  public func workingMemory(for size: Size, options: RunOptions) -> Int { 0 }

  /// None.
  public func fixedMemory(for size: Size) -> Int { 0 }

  /// The plane with the detail added: for VDSR, the bicubically enlarged luma made sharp.
  ///
  /// - Parameters:
  ///   - plane: values of the model's colour convention, for VDSR BT.601 luma of 16...235 divided by 255.
  ///   - options: threads, memory, progress.
  /// - Returns: a plane of the same size; values are not clipped.
  /// - Throws: `CancellationError` when `options.isCancelled` or the current task says so; `ModelError` with cause
  ///   `.outputNotFinite` where the result is no number.
  /// - Complexity: `multiplyAddsPerPixel` for each pixel.
  public func enhance(_ plane: Plane, options: RunOptions = RunOptions()) throws -> Plane {
    let count = plane.width * plane.height
    let pixels = try [Float](unsafeUninitializedCapacity: count) { result, filled in
      try plane.pixels.withUnsafeBufferPointer { input in
        guard let input = input.baseAddress, let result = result.baseAddress else { return }
        let planes = PlanePointers(input: input, result: result, width: plane.width)
        try withCancellation(options.isCancelled) { isCancelled in
          var options = options
          options.isCancelled = isCancelled
          try enhance(
            size: Size(width: plane.width, height: plane.height), options: options,
            source: { planes.read($0, into: $1, stride: $2) },
            sink: { planes.write($0, from: $1, stride: $2) })
        }
      }
      filled = count
    }
    return Plane(width: plane.width, height: plane.height, pixels: pixels)
  }
}

/// The planes that `enhance(_:options:)` reads and writes, shared by its threads.
private struct PlanePointers: @unchecked Sendable {
  let input: UnsafePointer<Float>
  let result: UnsafeMutablePointer<Float>
  let width: Int

  func read(_ rect: Rect, into target: UnsafeMutablePointer<Float>, stride: Int) {
    for row in 0..<rect.height {
      (target + row * stride).update(from: input + ((rect.y + row) * width + rect.x), count: rect.width)
    }
  }

  func write(_ rect: Rect, from values: UnsafePointer<Float>, stride: Int) {
    for row in 0..<rect.height {
      (result + ((rect.y + row) * width + rect.x)).update(from: values + row * stride, count: rect.width)
    }
  }
}
