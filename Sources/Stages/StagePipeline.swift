public import Pixels

/// Stages that are made and ready, one after the other. Made once for a job, used for every picture, from several
/// threads at a time.
public struct StagePipeline: Sendable {
  /// A stage and what it is called in messages.
  public struct Step: Sendable {
    /// The stage's name in the registry.
    public let name: String
    /// Made and ready.
    public let stage: any Stage

    /// A step of stages that are made without a registry.
    public init(name: String, stage: any Stage) {
      self.name = name
      self.stage = stage
    }
  }

  /// In the order in which they run.
  public let steps: [Step]

  /// A pipeline of these steps; none at all gives pictures back as they are.
  public init(steps: [Step]) {
    self.steps = steps
  }

  /// The content of all files that the stages have loaded; each stage's part is led by its length.
  /// - Complexity: O(bytes); it isn't kept.
  public var loadedContent: [UInt8] {
    steps.flatMap { step in
      let content = step.stage.loadedContent
      return withUnsafeBytes(of: UInt64(content.count).littleEndian) { Array($0) } + content
    }
  }

  /// What will come of a picture, known before any pixel is computed.
  public struct Plan: Sendable, Equatable {
    /// The picture's size after each step.
    public var sizes: [Size]
    /// Its channels after each step.
    public var layouts: [Image.Layout]
    /// Bytes at the peak: a step's input, output and own memory. What a network takes of `StageContext.maxMemory` comes on top.
    public var peakMemory: Int
    /// The output's size; the input's if there are no steps.
    public var size: Size
    /// The output's channels.
    public var layout: Image.Layout
    /// What its file will say beside the pixels.
    public var metadata: Metadata
  }

  /// Says what will come of a picture, without any pixel of it.
  ///
  /// - Parameters:
  ///   - size: the picture's.
  ///   - layout: its channels.
  ///   - depth: bits of its samples, 8 or 16.
  ///   - metadata: what its file says beside the pixels.
  ///   - maxPixels: the most that any step's output may have.
  /// - Returns: sizes, channels, memory and metadata.
  /// - Throws: `StageError` when a stage can't take the picture, or an output would hold more than `maxPixels`.
  /// - Complexity: O(steps x bytes of metadata)
  public func plan(
    size: Size, layout: Image.Layout, depth: Int, metadata: Metadata = Metadata(), maxPixels: Int = .max
  ) throws -> Plan {
    var plan = Plan(sizes: [], layouts: [], peakMemory: 0, size: size, layout: layout, metadata: metadata)
    plan.peakMemory = try Self.bytes(size, layout, depth, step: "input")
    for step in steps {
      let output = try step.stage.outputSize(for: plan.size)
      guard output.width > 0, output.height > 0 else {
        throw StageError.brokenPromise(
          stage: step.name, reason: "announces an output of \(output.width)x\(output.height) pixels")
      }
      let outputLayout = step.stage.outputLayout(for: plan.layout)
      let outputMetadata = try step.stage.outputMetadata(
        for: plan.metadata, size: plan.size, layout: plan.layout)
      let before = try Self.bytes(plan.size, plan.layout, depth, step: step.name)
      let after = try Self.bytes(output, outputLayout, depth, step: step.name)
      let own = try step.stage.workingMemory(for: plan.size, layout: plan.layout)
      let (sum, overflow) = (before + after).addingReportingOverflow(max(0, own))
      guard output.width * output.height <= maxPixels else {
        throw StageError.tooManyPixels(stage: step.name, output, limit: maxPixels)
      }
      plan.peakMemory = overflow ? .max : max(plan.peakMemory, sum)
      plan.size = output
      plan.layout = outputLayout
      plan.metadata = outputMetadata
      plan.sizes.append(output)
      plan.layouts.append(outputLayout)
    }
    return plan
  }

  /// Runs every step.
  ///
  /// The context's progress runs from 0 to 1 over all steps, each weighing as much as its output's pixels cost.
  /// - Throws: what a stage throws; `StageError.brokenPromise` if a stage's output isn't what it announced;
  ///   `CancellationError`.
  public func process(_ image: Image, context: StageContext) async throws -> Image {
    let plan = try plan(size: image.size, layout: image.layout, depth: image.samples.depth)
    let weights = zip(steps, plan.sizes).map { step, size in
      Double(size.width) * Double(size.height) * step.stage.relativeCost
    }
    let total = max(1, weights.reduce(0, +))
    var done = 0.0
    var current = image
    for (index, step) in steps.enumerated() {
      try context.checkCancellation()
      var inner = context
      if let report = context.progress {
        let (begun, weight) = (done, weights[index])
        inner.progress = { share in report(min(1, (begun + weight * min(1, max(0, share))) / total)) }
      }
      let output = try await step.stage.process(current, context: inner)
      guard output.size == plan.sizes[index], output.layout == plan.layouts[index],
        output.samples.depth == image.samples.depth
      else {
        throw StageError.brokenPromise(
          stage: step.name,
          reason: "gave \(Self.form(output.size, output.layout, output.samples.depth)) instead of "
            + Self.form(plan.sizes[index], plan.layouts[index], image.samples.depth))
      }
      current = output
      done += weights[index]
      context.progress?(min(1, done / total))
    }
    return current
  }

  private static func form(_ size: Size, _ layout: Image.Layout, _ depth: Int) -> String {
    "\(size.width)x\(size.height) \(layout) of \(depth) bits"
  }

  /// Bytes of a picture's samples, or an error if they can't be counted.
  private static func bytes(_ size: Size, _ layout: Image.Layout, _ depth: Int, step: String) throws -> Int {
    let (pixels, tooMany) = size.width.multipliedReportingOverflow(by: size.height)
    let (bytes, tooLarge) = pixels.multipliedReportingOverflow(by: layout.channels * (depth / 8))
    // A quarter of the number range, so that a few of them can be added.
    guard !tooMany, !tooLarge, bytes <= Int.max / 4 else {
      throw StageError.picture(
        stage: step, reason: "\(size.width)x\(size.height) pixels are more than any machine can hold")
    }
    return bytes
  }
}
