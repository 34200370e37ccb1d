package import Acuity
package import Ledger
package import Stages

/// What is to be done with every input: how it is read, which outputs come of it, and how carefully. A value made
/// once, from the command's options or from a job file; the inputs are not part of it.
package struct Job: Sendable {
  /// What comes of one decoded picture; at least one.
  package var outputs: [Output]
  package var limits = Limits()
  package var reading = ReadOptions()
  package var ifExists = ExistingOutput.skip
  /// With `skip`: what is there and is not known to be this input's output counts as that only if it is the same to the
  /// byte; otherwise the input fails. A form alone is no proof where inputs may be removed once they are done.
  package var takesOnlyEqualOutputs = false
  /// The output gets the input's modification time.
  package var keepsModificationTime = false
  /// The output gets the input's permission bits, instead of the usual ones less the process's mask.
  package var keepsPermissions = false
  package var verification = Verification.header
  /// Threads for computing; nil for all.
  package var threads: Int?
  /// Bytes that pictures under way and the network's own work may take together; nil for half of the machine's, or of its container's.
  package var maxMemory: Int?
  /// The network's tile in pixels; nil for its choice.
  package var tile: Int?
  /// The instruction set that the user wants the networks computed with; nil for the machine's best.
  package var instructionSet: InstructionSet?

  /// How errors write what the user may set.
  package var spelling: JobSetting.Spelling = { _, _ in nil }

  package init(outputs: [Output]) {
    self.outputs = outputs
  }

  /// What happens to an output that is already there.
  package enum ExistingOutput: String, Sendable, CaseIterable {
    /// It is left alone, unless the ledger shows that it is our own and out of date or damaged.
    case skip
    /// It is kept if it is what this job would make: by the ledger, else by decoding it. If not, it is made again.
    case verify
    case overwrite
    /// The new one gets another name: `photo-1.png`.
    case rename
    /// The input counts as failed.
    case fail
  }

  /// How an output is checked before it gets its name.
  package enum Verification: String, Sendable, CaseIterable {
    /// Format, size and channels as its header states them.
    case header
    /// The file is decoded again to its last pixel.
    case decode
  }
}

extension Job {
  /// One output of a job.
  package struct Output: Sendable {
    /// The folder that outputs go to; made when needed.
    package var root: [UInt8]
    /// What messages, reports and events call the only output; nil: by its path.
    package var label: String?
    /// Passes the bytes of a finished output on before it counts as done.
    package var deliver: (@Sendable (_ bytes: [UInt8]) throws(Failure) -> Void)?
    package var name: NamePattern
    package let stages: StagePipeline
    /// The stages and their options in one fixed form, for the ledger and reports.
    package var stageText: String
    /// What `{scale}` stands for in names; nil: the output's width divided by the input's.
    package var scaleText: String?
    /// SHA-256 over the weights and other files that the stages have loaded.
    package var modelDigest: SHA256.Digest { model.value }
    private let model: ModelDigest
    /// See `ModelDigest.weights`.
    var weightsDigests: String? { model.weights }
    /// nil: the input's format, or PNG where Acuity only reads that.
    package var format: ImageFormat?
    package var encoding: EncodeOptions
    /// Whether a lossless WebP becomes a lossless WebP, whatever `encoding` says.
    package var keepsLossless = true
    /// Whether outputs say in their XMP what has made them, see `recorded`.
    package var recordsProvenance = false

    package init(
      root: [UInt8], name: NamePattern = .same, stages: StagePipeline, stageText: String,
      scaleText: String? = nil, format: ImageFormat? = nil, encoding: EncodeOptions = EncodeOptions()
    ) {
      self.root = root
      self.name = name
      self.stages = stages
      self.stageText = stageText
      self.scaleText = scaleText
      model = ModelDigest(stages)
      self.format = format
      self.encoding = encoding
    }

    /// An output by stages as a user asks for them.
    ///
    /// - Throws: as `StageRegistry.pipeline`.
    package init(
      root: [UInt8], stages requests: [StageRequest], registry: StageRegistry, environment: StageEnvironment
    ) throws {
      let stages = try registry.pipeline(requests, environment: environment)
      self.init(
        root: root, stages: stages, stageText: requests.map(\.description).joined(separator: ","),
        scaleText: Self.scaleText(of: requests))
    }

    /// The factor that the stages state, if it is one.
    static func scaleText(of requests: [StageRequest]) -> String? {
      let upscales = requests.filter { $0.name == Upscale.name }
      return upscales.count == 1 ? upscales[0].settings.first { $0.option == "scale" }?.value : nil
    }
  }

  /// SHA-256 of everything beside content and weights that decides the bytes of output `index`. The instruction set,
  /// whose rounding differs by a 255th here and there, is part of it only if the user has named one: who does wants
  /// just those bytes, and a batch that goes on on another machine is not to be computed anew when nobody does.
  package func optionsDigest(_ index: Int) -> SHA256.Digest {
    let output = outputs[index]
    let encoding = output.encoding
    return SHA256.digest(
      """
      version 1
      stages \(output.stageText)
      format \(output.format?.name ?? "same")
      encoding \(encoding.pngLevel) \(encoding.quality) \(encoding.progressive) \
      \(encoding.lossless)\(output.keepsLossless ? " kept" : "") \(encoding.metadata.rawValue)
      reading \(reading.cmyk.rawValue) \(reading.animation.rawValue)\(reading.acceptsDamage ? " tolerant" : "")
      """ + (output.recordsProvenance ? "\nprovenance" : "")
        + (instructionSet.map { "\nisa \($0.rawValue)" } ?? ""))
  }
}
