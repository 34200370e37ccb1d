public import Convolution
@_exported public import Models
public import Pixels

/// A model made ready to run: its weights packed for one instruction set and algorithm.
///
/// The result for a picture is the same bytes whatever the threads, the memory and the tiles; between instruction sets
/// and algorithms it differs by rounding. A value without state, cheap to copy, for any number of threads at a time;
/// making one costs a few passes over the weights: do it once.
public struct Network: Sendable {
  /// How layers of many channels are computed; layers of few are always computed directly.
  public enum Algorithm: String, CaseIterable, Sendable, Codable {
    /// The fastest: `winograd6`, whose results are within 2e-5 of the exact ones for values up to 1.4, over all 20
    /// layers of VDSR. An 8-bit level is 200 times as much.
    case auto
    /// Nine products for a pixel and a pair of channels, as the definition has it.
    case direct
    /// Winograd's F(4x4, 3x3).
    case winograd4
    /// Winograd's F(6x6, 3x3).
    case winograd6
  }

  /// What it was made of.
  public let model: Model
  /// What its weights are packed for.
  public let instructionSet: InstructionSet
  /// What was asked for, or what `auto` has chosen.
  public let algorithm: Algorithm
  private let kernels: Kernels
  private let shapes: [LayerShape]
  private let packing: LayerPacking

  /// Packs a model's weights, on all cores.
  ///
  /// - Parameters:
  ///   - model: the layers.
  ///   - instructionSet: nil for the environment variable `ACUITY_ISA`, else the best that the machine has.
  ///   - algorithm: how to compute.
  /// - Throws: `InstructionSetError` if the machine lacks the set, or `ACUITY_ISA` names none.
  /// - Complexity: a few passes over the weights; packed for F(6x6, 3x3), VDSR's take 19 MB.
  public init(
    _ model: Model, instructionSet: InstructionSet? = nil, algorithm: Algorithm = .auto
  ) throws(InstructionSetError) {
    try self.init(model, instructionSet: instructionSet, algorithm: algorithm, packsBeside: false)
  }

  /// The same; or at once, with a thread of its own that packs beside the caller. The first picture packs what is left, too.
  package init(
    _ model: Model, instructionSet: InstructionSet? = nil, algorithm: Algorithm = .auto, packsBeside: Bool
  ) throws(InstructionSetError) {
    let set = try InstructionSet.resolve(instructionSet)
    let used = algorithm == .auto ? .winograd6 : algorithm
    self.model = model
    self.instructionSet = set
    self.algorithm = used
    kernels = Kernels(for: set)
    shapes = model.layers.map { LayerShape($0, algorithm: used, instructionSet: set) }
    packing = LayerPacking(model, shapes, for: set)
    if packsBeside { packing.runBeside() } else { packing.run() }
  }

  /// Pixels by which the result at a point depends on its surroundings in every direction: one per layer.
  public var halo: Int { model.halo }

  /// Multiply-adds of the direct computation per pixel: 664,704 for VDSR.
  public var multiplyAddsPerPixel: Int { model.multiplyAddsPerPixel }

  /// The block length of every layer, the input's first.
  private var blocks: [Int] { [1] + shapes.map(\.block) }
}

// MARK: - Running

extension Network: LumaModel {
  /// As the weights' file says.
  public var lumaConvention: LumaConvention { model.lumaConvention }

  /// The weights, as a file.
  public var content: [UInt8] { model.serialized() }

  /// The network on a plane of this size; the memory is `workingMemory(for:options:)`, of which up to 16 MB stay with the
  /// process for the next plane.
  public func enhance(
    size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
  ) throws {
    try enhance(size: size, options: options, haloShortfall: 0, source: source, sink: sink)
  }

  func enhance(
    size: Size, options: RunOptions, haloShortfall: Int, source: @escaping PlaneSource,
    sink: @escaping PlaneSink
  ) throws {
    guard size.width > 0, size.height > 0 else { return }
    // The system would end the process, or another one, in the midst of the work.
    let (least, available) = (minimumMemory(for: size, options: options), usableMemory())
    guard least <= available else {
      throw ModelError(file: model.name, cause: .tooMuchMemory(bytes: least, available: available))
    }
    let layers = packing.layers
    let (threads, step, tile) = tasks(size: size, options: options)
    let plans = stride(from: 0, to: size.width, by: tile).map { left in
      NetworkPlan(
        size: size, columns: left..<min(left + tile, size.width), blocks: blocks, step: step,
        haloShortfall: haloShortfall)
    }
    // All tiles have the same rows, if not all threads compute together. No more are at work than there are cores.
    lazy var bands = Bands(
      of: plans[0].down, blocks: blocks, tallest: step.height, threads: min(threads, coreCount()))
    let check = FiniteCheck()
    let isStopped = { @Sendable in check.hasFailed || options.isCancelled?() == true }
    for plan in plans {
      let carriedRows = CarriedRows(plan: plan, layers: shapes, step: step)
      let progress = options.progress.map { report in
        { @Sendable (share: Double) in
          let columns = Double(plan.columns.lowerBound) + Double(plan.columns.count) * share
          report(columns / Double(size.width))
        }
      }
      let makeWorker = { @Sendable in
        TaskWorker(
          kernels: kernels, layers: layers, plan: plan, step: step, carriedRows: carriedRows,
          residual: model.residual != .none, source: source, sink: sink, check: check)
      }
      let finished =
        if step.threadsTogether > 1 {
          makeWorker().computeTogether(progress: progress, isCancelled: isStopped)
        } else {
          Wavefront(
            bands: bands, chunks: plan.across.steps, phases: TaskWorker.phases(of: layers)
          ).run(threads: threads, progress: progress, isCancelled: isStopped) { walk in
            let worker = makeWorker()
            walk { worker.compute($2, band: $0, chunk: $1) }
          }
        }
      if check.hasFailed { throw ModelError(file: model.name, cause: .outputNotFinite) }
      guard finished else { throw CancellationError() }
    }
  }
}

// MARK: - Memory

extension Network {
  /// The least working memory, in bytes, that a picture of this size is computed in, whatever `options.maxMemory` says.
  public func minimumMemory(for size: Size, options: RunOptions = RunOptions()) -> Int {
    var options = options
    options.maxMemory = 0
    return workingMemory(for: size, options: options)
  }

  /// The working memory, in bytes, that computing a picture of this size takes, beside the weights and the picture.
  public func workingMemory(for size: Size, options: RunOptions = RunOptions()) -> Int {
    memory(tasks(size: size, options: options))
  }

  private typealias Tasks = (threads: Int, step: TaskShape, tile: Int)

  private func memory(_ tasks: Tasks) -> Int {
    NetworkPlan.memory(columns: tasks.tile, layers: shapes, step: tasks.step, threads: tasks.threads)
  }

  /// How the work is cut: all threads together on a picture that is too narrow for many tasks, if the memory allows it, or
  /// takes less so where it allows neither.
  private func tasks(size: Size, options: RunOptions) -> Tasks {
    let threads = options.threadCount
    let step = TaskShape(for: size, blocks: blocks)
    let apart: Tasks = (threads, step, tileWidth(size: size, options: options, step: step, threads: threads))
    guard let step = TaskShape(together: size, blocks: blocks, threads: threads) else { return apart }
    let tile = options.tile.map { min(max(1, $0), size.width) } ?? size.width
    let together: Tasks = (threads, step, tile)
    return memory(together) <= max(options.maxMemory ?? Self.modestMemory(threads), memory(apart))
      ? together : apart
  }

  /// What is enough: with as much, pictures of up to 9,000 columns are not cut, and what wider ones lose by it, some thousandths,
  /// is not worth the memory.
  private static func modestMemory(_ threads: Int) -> Int {
    min((80 << 20) + threads * (8 << 20), 256 << 20, usableMemory() / 16)
  }

  /// The width asked for, or the whole, where the memory allows it; else as much of it as it does in tiles of equal
  /// width.
  private func tileWidth(size: Size, options: RunOptions, step: TaskShape, threads: Int) -> Int {
    func fits(_ width: Int, _ budget: Int) -> Bool {
      NetworkPlan.memory(columns: width, layers: shapes, step: step, threads: threads) <= budget
    }
    var budget = Self.modestMemory(threads)
    if let tile = options.tile.map({ min(max(1, $0), size.width) }) {
      guard let allowed = options.maxMemory, tile > step.width, !fits(tile, allowed) else { return tile }
      budget = allowed
    }
    budget = min(budget, options.maxMemory ?? budget)
    var tiles = 1
    while true {
      let width = (size.width + tiles - 1) / tiles
      if width <= step.width || fits(width, budget) { return width }
      tiles += 1
    }
  }
}
