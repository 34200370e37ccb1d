public import Acuity

/// Why a list of stages can't be made, or why a stage failed with a picture.
///
/// Every text names the stage, says what is wrong, and what is allowed instead.
public enum StageError: Error, Sendable, Equatable {
  /// The text of `--stages` doesn't follow the grammar; `position` counts characters from 1.
  case syntax(position: Int, reason: String)
  /// No stage has this name.
  case unknownStage(name: String, suggestion: String?, known: [String])
  /// The stage has no such option; `known` are the options it has.
  case unknownOption(stage: String, option: String, suggestion: String?, known: [String])
  /// The option's value is of the wrong kind or out of range; `allowed` says what it takes.
  case badValue(stage: String, option: String, value: String, allowed: String)
  /// The option was given twice.
  case repeatedOption(stage: String, option: String)
  /// The stage can't do without this option.
  case missingOption(stage: String, option: String, allowed: String)
  /// Options that are fine alone don't go together.
  case conflict(stage: String, reason: String)
  /// A file that the options name can't be used.
  case file(stage: String, path: String, reason: String)
  /// The stage can't take this picture.
  case picture(stage: String, reason: String)
  /// The stage would make a picture of more pixels than the limit.
  case tooManyPixels(stage: String, Size, limit: Int)
  /// Two stages of the same name.
  case duplicateStage(name: String)
  /// The stage broke its own promise about its output.
  case brokenPromise(stage: String, reason: String)
  /// A shared library can't be loaded as a plug-in.
  case plugIn(path: String, reason: String)
  /// A plug-in failed with this picture.
  case plugInFailed(stage: String, path: String, reason: String)
}

extension StageError: CustomStringConvertible {
  /// The stage, what is wrong, and what is allowed instead, in a line.
  public var description: String {
    switch self {
    case .syntax(let position, let reason):
      "stages, character \(position): \(reason)"
    case .unknownStage(let name, let suggestion, let known):
      "no stage is called '\(printable(name))'\(hint(suggestion)); there are: \(list(known))"
    case .unknownOption(let stage, let option, let suggestion, let known):
      "stage '\(printable(stage))' has no option '\(printable(option))'\(hint(suggestion)); "
        + (known.isEmpty ? "it takes none" : "it takes: \(list(known))")
    case .badValue(let stage, let option, let value, let allowed):
      "stage '\(printable(stage))': "
        + (value.isEmpty
          ? "\(printable(option)) is empty; " : "\(printable(option))=\(printable(value)) is not allowed; ")
        + "\(printable(option)) takes \(printable(allowed, limit: 400))"
    case .repeatedOption(let stage, let option):
      "stage '\(printable(stage))': the option '\(printable(option))' is given twice; give it once"
    case .missingOption(let stage, let option, let allowed):
      "stage '\(printable(stage))' needs the option '\(printable(option))': "
        + printable(allowed, limit: 400)
    case .conflict(let stage, let reason):
      "stage '\(printable(stage))': \(reason)"
    case .file(let stage, let path, let reason):
      "stage '\(printable(stage))': \(printable(path, limit: 400)): \(reason)"
    case .picture(let stage, let reason):
      "stage '\(printable(stage))' can't take this picture: \(reason)"
    case .tooManyPixels(let stage, let size, let limit):
      "stage '\(printable(stage))' can't take this picture: the output would be \(size.width)x\(size.height) = "
        + "\(size.width * size.height) pixels, over the limit of \(limit); ask for less, or raise the limit"
    case .duplicateStage(let name):
      "there is already a stage called '\(printable(name))'; rename the plug-in or leave it out"
    case .brokenPromise(let stage, let reason):
      "stage '\(printable(stage))' \(reason); this is a fault of the stage, not of the picture"
    case .plugIn(let path, let reason):
      "plug-in \(printable(path, limit: 400)): \(reason)"
    case .plugInFailed(let stage, let path, let reason):
      "plug-in stage '\(printable(stage))' (\(printable(path, limit: 400))): \(reason)"
    }
  }

  private func hint(_ suggestion: String?) -> String {
    suggestion.map { " (did you mean '\(printable($0))'?)" } ?? ""
  }

  private func list(_ names: [String]) -> String {
    names.map { printable($0) }.joined(separator: ", ")
  }
}
