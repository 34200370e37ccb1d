package import Acuity
package import Folders
import Ledger
import Stages

/// What will come of one input, known from its header before any pixel is computed.
package struct PlannedFile: Sendable {
  package let input: BatchInput
  package let format: ImageFormat
  /// Upright.
  package let size: Size
  package let layout: Image.Layout
  /// Bits per sample.
  package let depth: Int
  /// Bytes of the file.
  package let byteCount: Int
  /// See `ImageHeader.leftOut`.
  package let leftOut: [String]
  /// Those that can be made; at least one.
  package var outputs: [Output]
  /// Why others cannot be.
  package let refusal: Failure?
  /// Bytes at the peak for this file's pictures, beside the network's own.
  package let memory: Int

  package struct Output: Sendable {
    /// Which of the job's outputs.
    package let index: Int
    /// Below that output's root.
    package let path: RelativePath
    package let size: Size
    package let layout: Image.Layout
    package let format: ImageFormat
    package let encoding: EncodeOptions
    /// See `ImageFormat.losses`.
    package let losses: [MetadataLoss]
    /// Whether it says in its metadata what has made it, if it is to.
    var saysItsProvenance = true
    /// Why it cannot be made if any pixel of the input turns out to be transparent; nil if it can be. Its stages get the
    /// picture without the alpha.
    package fileprivate(set) var unlessOpaque: Failure?
    /// Pixels times what each costs compared with a simple filter.
    package let work: Double
    /// What the output's path leads to at the time of planning.
    package var existing: FileStatus.Identity?
  }

  /// Why what has become of the input since it was planned does not get by with the names and the memory that are set aside
  /// for it; nil if it does.
  func misfit(of now: PlannedFile) -> Failure? {
    let hasPlaces = outputs.elementsEqual(now.outputs) { $0.index == $1.index && $0.path == $1.path }
    if hasPlaces, now.memory <= memory { return nil }
    let isSame =
      format == now.format && size == now.size && layout == now.layout && depth == now.depth
      && byteCount == now.byteCount
    return isSame
      ? Failure(.input, "\(input.label): a stage announces another size each time it is asked: leave it out")
      : Failure(.later, "\(input.label) was replaced since the run was planned: run again")
  }

  package var work: Double { outputs.reduce(0) { $0 + $1.work } }

  /// Of all outputs together.
  package var outputPixels: Int { outputs.reduce(0) { $0 + $1.size.width * $1.size.height } }
}

extension PlannedFile {
  /// Bytes that the file holds of a budget of `total`: its pictures' and the network's own.
  package func cost(within total: Int) -> Int { memory + networkMemory(within: total) }

  /// What the network may use for itself: at most a quarter of the budget, and less for a picture that fills it.
  func networkMemory(within total: Int) -> Int {
    max(Self.leastNetworkMemory, min(Self.mostNetworkMemory, total / 4, total - memory))
  }

  /// Below this tiles become so small that most of the work is their overlap.
  private static let leastNetworkMemory = 24 << 20
  private static let mostNetworkMemory = 256 << 20

  /// Throws if the file cannot be processed within a budget that the user has set.
  package func checkMemory(limit: Int?) throws(Failure) {
    guard let limit, cost(within: limit) > limit else { return }
    let needed = cost(within: limit)
    let smaller = memory > Self.leastNetworkMemory ? ", or choose a smaller scale" : ""
    throw Failure(
      .input,
      "\(input.label): \(size.width)x\(size.height) pixels and what becomes of them need about "
        + "\((needed + (1 << 20) - 1) >> 20) MiB, more than the \(limit >> 20) MiB allowed: raise the limit "
        + "(--max-memory)\(smaller)",
      cause: .outOfMemory(bytes: needed))
  }
}

extension Job {
  /// Plans the input from the bytes of its file; nothing is decoded.
  ///
  /// - Throws: what can be known now: not a picture, beyond the limits, of a kind that is refused; and where no output can be
  ///   made, no stage for it, a format that cannot hold the output, an output's name that cannot be.
  package func plan(_ input: BatchInput, bytes: [UInt8]) throws(Failure) -> PlannedFile {
    let header: ImageHeader
    do {
      header = try ImageFile.header(bytes: bytes, options: reading)
    } catch {
      throw Failure(error.cause, in: input.label)
    }
    return try plan(input, header, byteCount: bytes.count)
  }

  /// Plans the input from its header and the size of its file.
  func plan(_ input: BatchInput, _ header: ImageHeader, byteCount: Int) throws(Failure) -> PlannedFile {
    do {
      try check(header)
    } catch {
      throw Failure(error, in: input.label, advice: hint(error.settings))
    }

    let decoded = header.size.width * header.size.height * header.layout.channels * (header.depth / 8)
    var memory = 2 * byteCount + 3 * decoded
    var planned: [PlannedFile.Output] = []
    var refusal: Failure?
    for index in outputs.indices {
      do {
        let (output, peak) = try planOutput(index, of: input, header)
        planned.append(output)
        // The input is kept for the outputs to come.
        memory = max(memory, decoded + peak)
      } catch {
        refusal = .both(refusal, error)
      }
    }
    if planned.isEmpty, let refusal { throw refusal }
    return PlannedFile(
      input: input, format: header.format, size: header.size, layout: header.layout, depth: header.depth,
      byteCount: byteCount, leftOut: header.leftOut, outputs: planned, refusal: refusal, memory: memory)
  }

  /// The job's output `index`, and the bytes at its peak beside the input's samples.
  private func planOutput(
    _ index: Int, of input: BatchInput, _ header: ImageHeader
  ) throws(Failure) -> (PlannedFile.Output, peak: Int) {
    do {
      return try planOutput(index, of: input, header, header.layout)
    } catch {
      // Screenshots have an alpha channel in which every pixel is opaque. Headers do not tell, but if it is all that the format
      // cannot hold, it may go.
      let opaque = header.layout.withoutAlpha
      guard case .cannotHold = error.cause, opaque != header.layout,
        var (output, peak) = try? planOutput(index, of: input, header, opaque)
      else { throw error }
      output.unlessOpaque = error
      peak += header.size.width * header.size.height * opaque.channels * (header.depth / 8)
      return (output, peak)
    }
  }

  /// The same for a picture that has this layout.
  private func planOutput(
    _ index: Int, of input: BatchInput, _ header: ImageHeader, _ layout: Image.Layout
  ) throws(Failure) -> (PlannedFile.Output, peak: Int) {
    let output = outputs[index]
    let metadata = output.encoding.metadata == .keep ? header.metadata : Metadata()
    var plan: StagePipeline.Plan
    do {
      plan = try output.stages.plan(
        size: header.size, layout: layout, depth: header.depth, metadata: metadata,
        maxPixels: limits.maxPixels)
    } catch {
      let failure = Failure(stage: error, in: input.label)
      guard case StageError.tooManyPixels = error else { throw failure }
      throw Failure(failure.culprit, failure.reason + hint((.maxPixels, [])))
    }
    let format = output.format ?? header.format.forWriting
    let (recorded, isComplete) = output.recorded(
      plan.metadata, from: header.size, to: plan.size, in: format)
    plan.metadata = recorded
    if let no = format.refusal(size: plan.size, layout: plan.layout, metadata: plan.metadata) {
      throw Failure(
        .cannotHold(format, no.problem, advice: no.advice), in: input.label,
        advice: hint(waysOut(of: format, plan)) + flattening(for: format, plan))
    }
    var encoding = output.encoding
    if output.keepsLossless, format == .webp, header.format == .webp, header.isLossless {
      encoding.lossless = true
    }
    let path = try target(of: input, output, format, from: header.size, to: plan.size)
    let result = plan.size.width * plan.size.height * plan.layout.channels * (header.depth / 8)
    var planned = PlannedFile.Output(
      index: index, path: path, size: plan.size, layout: plan.layout, format: format,
      encoding: encoding, losses: format.losses(plan.metadata),
      work: zip(output.stages.steps, plan.sizes).reduce(0) { sum, step in
        sum + Double(step.1.width) * Double(step.1.height) * step.0.stage.relativeCost
      })
    planned.saysItsProvenance = isComplete
    // Samples are held here and, where an encoder needs them all, there.
    let saving = 2 * result + format.encodingMemory(plan.size, plan.layout, depth: header.depth, encoding)
    return (planned, max(plan.peakMemory, saving))
  }

  /// The settings with which the output that this format cannot hold has a file.
  private func waysOut(of format: ImageFormat, _ plan: StagePipeline.Plan) -> [(JobSetting, [String])] {
    let others = ImageFormat.writable.filter {
      $0.refusal(size: plan.size, layout: plan.layout, metadata: plan.metadata) == nil
    }
    let isOfMetadata = format.refusal(size: plan.size, layout: plan.layout, metadata: Metadata()) == nil
    return (others.isEmpty ? [] : [(.format, others.map(\.name))])
      + (isOfMetadata ? [(.metadata, ["strip"])] : [])
  }

  /// The stage that helps where alpha is all that the format cannot hold.
  private func flattening(for format: ImageFormat, _ plan: StagePipeline.Plan) -> String {
    let helps =
      format.refusal(size: plan.size, layout: plan.layout.withoutAlpha, metadata: plan.metadata) == nil
    return helps ? ", or lay the picture on a colour by the stage flatten" : ""
  }

  /// Reads the file's header and plans it.
  package func plan(_ input: BatchInput) throws(Failure) -> PlannedFile {
    let (header, status) = try input.header(for: self)
    return try plan(input, header.get(), byteCount: Int(status.size))
  }

  private func check(_ header: ImageHeader) throws(ImageFileError.Cause) {
    try limits.check(header.size)
    if header.isAnimated, reading.animation == .refuse {
      throw .animated(header.format, frames: header.frames)
    }
    if header.isCMYK, reading.cmyk == .refuse { throw .cmyk(header.format) }
  }

  private func target(
    of input: BatchInput, _ output: Output, _ format: ImageFormat, from: Size, to: Size
  ) throws(Failure) -> RelativePath {
    let scale = output.scaleText ?? Self.scaleText(from: from, to: to)
    guard let path = output.name.path(for: input.path, format: format, scale: scale, size: to) else {
      throw Failure(.usage, "\(input.label): the pattern '\(output.name.text)' gives no usable name for it")
    }
    if let long = path.components.first(where: { $0.count > 255 }) {
      throw Failure(
        .outputName,
        "\(input.label): its output's name would have \(long.count) bytes; most file systems take 255")
    }
    do throws(NamedFormat.Mismatch) {
      // A pattern may end in a variable, such as {name}, which says of which format the input is.
      _ = try NamedFormat.of(String(decoding: path.pathExtension, as: UTF8.self), asked: format)
    } catch {
      throw Failure(.outputName, "\(input.label): \(error), or let the name end in .{ext}")
    }
    guard !TemporaryName.matches(path.name) else {
      throw Failure(.outputName, "\(input.label): its output's name is one of our temporary files': \(path)")
    }
    return path
  }

  /// The output's width divided by the input's, at most two decimals.
  static func scaleText(from: Size, to: Size) -> String {
    let hundredths = (100 * to.width + from.width / 2) / from.width
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(whole)" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
