import ArgumentParser
import Training

extension Parameters.Initialization: ExpressibleByArgument {}

/// The recipes that `--recipe` knows.
enum RecipeChoice: String, CaseIterable, ExpressibleByArgument {
  case `default`, paper

  var recipe: Recipe {
    switch self {
    case .default: .standard
    case .paper: .paper
    }
  }
}

/// What `--optimizer` knows, with their usual settings.
enum OptimizerChoice: String, CaseIterable, ExpressibleByArgument {
  case sgd, adam, muon

  var method: Optimizer.Method {
    switch self {
    case .sgd: .sgd(momentum: 0.9)
    case .adam: .adam(beta1: 0.9, beta2: 0.99)
    case .muon: .muon(momentum: 0.95, adamRate: 0.1)
    }
  }
}

/// What `--loss` knows.
enum LossChoice: String, CaseIterable, ExpressibleByArgument {
  case squared, charbonnier, logarithmic

  var loss: Loss {
    switch self {
    case .squared: .squared
    case .charbonnier: .charbonnier(width: 0.01)
    // A patch of 47 dB: beyond that, rounding to 8 bits is most of the error.
    case .logarithmic: .logarithmic(floor: 2e-5)
    }
  }
}

/// What `--schedule` knows.
enum ScheduleChoice: String, CaseIterable, ExpressibleByArgument {
  case constant, cosine, steps
  case oneCycle = "one-cycle"

  var schedule: Schedule {
    switch self {
    case .constant: .constantThenDecay(warmUp: 0.02, decay: 0.5)
    case .cosine: .cosine(warmUp: 0.03)
    case .oneCycle: .oneCycle(peak: 0.3)
    case .steps: .steps(fraction: 0.25, factor: 10)
    }
  }
}

extension Optimizer.Clipping {
  /// As `--clip` has it.
  init(argument: String) throws {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    if argument == "none" {
      self = .none
    } else if parts.count == 2, let bound = Float(parts[1]), bound > 0, bound.isFinite,
      let clipping = Self(parts[0], bound)
    {
      self = clipping
    } else {
      throw ValidationError(
        "it is none, elements=THETA, variables=THETA or global=NORM, of a positive number")
    }
  }

  private init?(_ name: Substring, _ bound: Float) {
    switch name {
    case "elements": self = .elements(theta: bound)
    case "variables": self = .variableNorm(theta: bound)
    case "global": self = .globalNorm(bound)
    default: return nil
    }
  }
}
