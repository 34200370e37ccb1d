/// All settings of a training run; stored in its checkpoints, and described in the files of the models that come of it.
package struct Recipe: Sendable, Hashable, Codable {
  package var name: String
  package var depth: Int
  package var width: Int
  package var initialization: Parameters.Initialization
  package var degradations: [String]
  package var reductions: [Double]
  package var patch: Int
  /// Pixels at a patch's edge that do not count.
  package var border: Int
  package var batch: Int
  package var sampling: PatchSampling
  package var loss: Loss
  /// Whether a patch's loss is the sum over its pixels, as published, or their mean.
  package var sumsPixels: Bool
  package var method: Optimizer.Method
  package var clipping: Optimizer.Clipping
  package var weightDecay: Float
  package var rate: Float
  package var schedule: Schedule
  /// Weight of the past in the moving average of the weights; 0: none.
  package var averaging: Float
  package var length: Length
  package var seed: UInt64
  /// Every n-th picture is kept to measure on; 0: none.
  package var holdOut: Int
  /// The name of the model that it starts from instead of the initialization.
  package var initial: String?

  package enum Length: Sendable, Hashable, Codable {
    case epochs(Int)
    case steps(Int)
    /// Wall time. The run ends in time on any machine, but no two runs are alike.
    case minutes(Double)
  }

  /// As published: Kim, Lee and Lee, CVPR 2016.
  package static let paper = Recipe(
    name: "paper", depth: 20, width: 64, initialization: .he, degradations: ["bicubic=2,3,4"],
    reductions: [1], patch: 41, border: 0, batch: 64, sampling: .grid(stride: 41), loss: .squared,
    sumsPixels: true, method: .sgd(momentum: 0.9), clipping: .elements(theta: 0.001), weightDecay: 1e-4,
    rate: 0.1, schedule: .steps(fraction: 0.25, factor: 10), averaging: 0, length: .epochs(80), seed: 1,
    holdOut: 20)

  /// The best PSNR for each hour of a processor that was found.
  package static let standard = Recipe(
    name: "default", depth: 20, width: 64, initialization: .identity, degradations: ["bicubic=2,3,4"],
    reductions: [1], patch: 48, border: 0, batch: 8, sampling: .random(candidates: 2),
    loss: .charbonnier(width: 0.01), sumsPixels: false, method: .muon(momentum: 0.95, adamRate: 0.1),
    clipping: .none, weightDecay: 0, rate: 0.01, schedule: .constantThenDecay(warmUp: 0.02, decay: 0.5),
    averaging: 0.998, length: .steps(10_000), seed: 1, holdOut: 20)

  package var shape: NetworkShape { NetworkShape(depth: depth, width: width) }

  /// Refuses what cannot be trained.
  package func validate() throws(TrainingError) {
    let rules: [(Bool, String)] = [
      ((1...1_000).contains(depth), "the depth is 1 to 1000, not \(depth)"),
      ((1...1_024).contains(width), "the width is 1 to 1024 channels, not \(width)"),
      ((8...512).contains(patch), "patches are 8 to 512 pixels, not \(patch)"),
      // All rules are looked at, also for a patch that the one before refuses: nothing here may overflow.
      (
        border >= 0 && border < patch / 2 + patch % 2,
        "a border of \(border) leaves nothing of \(patch) pixels"
      ),
      ((1...4_096).contains(batch), "a batch is 1 to 4096 patches, not \(batch)"),
      (rate > 0 && rate.isFinite, "the rate is a positive number, not \(rate)"),
      (weightDecay >= 0 && weightDecay.isFinite, "the weight decay is zero or positive, not \(weightDecay)"),
      ((0..<1).contains(averaging), "the averaging is 0 to less than 1, not \(averaging)"),
      (clipping.isSensible, "gradients are clipped to a positive number, not as in \(clipping)"),
      (
        holdOut == 0 || holdOut >= 2,
        "at most every second picture can be held out, or none (0), not every \(holdOut)"
      ),
      (
        !reductions.isEmpty && reductions.allSatisfy { $0 > 0 && $0 <= 1 },
        "pictures are reduced by factors of more than 0 and at most 1"
      ),
    ]
    for (holds, text) in rules where !holds { throw .invalid(text) }
    if let fault = schedule.fault { throw .invalid(fault) }
    let isPositive =
      switch length {
      case .epochs(let count), .steps(let count): count > 0
      case .minutes(let minutes): minutes > 0 && minutes.isFinite
      }
    if !isPositive { throw .invalid("a training takes more than no time") }
    if case .random(let candidates) = sampling, !(1...64).contains(candidates) {
      throw .invalid("a patch is the hardest of 1 to 64, not of \(candidates)")
    }
    if case .grid(let stride) = sampling, stride < 1 { throw .invalid("the grid's stride is positive") }
    _ = try DegradationChain(parsing: degradations)
  }

  /// One line for the metadata of a model: every setting.
  package var summary: String {
    let start = initial.map { "from \($0)" } ?? "initialization \(initialization.rawValue)"
    return
      "\(name): \(depth)x\(width), \(start), \(data), hold-out \(holdOut), "
      + "patches \(patch), border \(border), batch \(batch), \(sampling), \(loss) \(sumsPixels ? "summed" : "averaged"), "
      + "\(method), clipping \(clipping), weight decay \(weightDecay), rate \(rate), \(schedule), averaging \(averaging), "
      + "\(length), seed \(seed)"
  }

  /// What is made of the pictures.
  var data: String {
    degradations.joined(separator: " ")
      + (reductions == [1] ? "" : " reduced by " + reductions.map { "\($0)" }.joined(separator: " "))
  }
}

extension Optimizer.Clipping {
  /// Whether its bound is a positive number.
  fileprivate var isSensible: Bool {
    switch self {
    case .none: true
    case .elements(let bound), .variableNorm(let bound), .globalNorm(let bound): bound > 0 && bound.isFinite
    }
  }
}
