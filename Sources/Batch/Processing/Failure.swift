package import Acuity
package import Folders
package import Ledger
import Stages

/// Why an input has no output, and who must act.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  package let culprit: Culprit
  /// A sentence that names the file.
  package let reason: String
  /// What reading or writing the picture has reported, for callers that tell truncated from damaged.
  package let cause: ImageFileError.Cause?

  package init(_ culprit: Culprit, _ reason: String, cause: ImageFileError.Cause? = nil) {
    self.culprit = culprit
    self.reason = reason
    self.cause = cause
  }

  package var description: String { reason }

  /// What is wrong with two outputs of the same file, if anything is; said once if it is the same.
  static func both(_ first: Failure?, _ second: Failure?) -> Failure? {
    guard let first, let second, !first.reason.contains(second.reason) else { return first ?? second }
    return Failure(first.culprit, first.reason + "; " + second.reason, cause: first.cause)
  }

  /// Whether the file might do with other limits, or on a machine with more memory.
  package var isOfLimits: Bool {
    switch cause {
    case .fileTooLarge, .tooManyPixels, .dimensionTooLarge, .outOfMemory: true
    default: false
    }
  }

  /// No failure of any file: it is given back, for the run was stopped while a codec worked on it.
  static let stopped = Failure(.later, "the run was stopped")
}

extension Failure {
  /// Reading `label` failed.
  package init(reading error: ReadError) {
    switch error {
    case .failed(let error): self.init(Culprit(reading: error), error.description)
    case .notAFile: self.init(.unreadable, error.description)
    case .tooLarge(_, let size, let limit):
      self.init(
        .input, error.description + ": save it with more compression",
        cause: .fileTooLarge(bytes: Int(size), limit: Int(limit)))
    case .changedMeanwhile: self.init(.later, error.description + ": try again when its writer has finished")
    }
  }

  /// Reading or writing the picture `label` failed; `advice` adds to what the error says by itself.
  package init(_ cause: ImageFileError.Cause, in label: String, advice: String = "") {
    self.init(.input, ImageFileError(file: label, cause: cause).description + advice, cause: cause)
  }

  /// Decoding or encoding the picture `label` failed.
  init(_ error: CodingError, in label: String) {
    switch error {
    case .picture(let cause): self.init(cause, in: label)
    case .codecLost(let reason): self.init(.input, "\(label): \(reason)")
    case .noProcess(let reason): self.init(.system, "\(label): \(reason)")
    case .cancelled: self = .stopped
    }
  }

  /// Writing an output failed.
  package init(writing error: FileError) {
    self.init(
      Culprit(writing: error), error.description + (error.isDiskFull ? ": free some space" : "")
    )
  }

  /// A finished output did not get where it was to be passed on.
  package init(delivering error: FileError) {
    self.init(error.isDiskFull ? .diskFull : .system, error.description)
  }

  package init(_ error: LedgerError) {
    self.init(Culprit(error), error.description)
  }

  /// A stage failed with the picture `label`, in whatever way it does.
  package init(stage error: any Error, in label: String) {
    switch error {
    case let error as Failure: self = error
    case let error as ImageFileError: self.init(error.cause, in: label)
    case let error as StageError: self.init(.input, "\(label): \(error)")
    case let error as ModelError: self.init(.model, "\(label): \(error)")
    default: self.init(.system, "\(label): \(error)")
    }
  }
}
