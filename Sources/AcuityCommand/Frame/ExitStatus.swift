import Acuity
import ArgumentParser
import Batch
import Folders
import Ledger
import Stages
import Training
import Watching

/// The codes that `acuity` ends with: by who has to act (`sysexits.h`).
enum ExitStatus: Int32, Error {
  case success = 0
  case someInputsFailed = 1
  case usage = 64
  case unreadable = 66
  case cannotCreate = 73
  case inputOutput = 74
  case tryLater = 75
  case badModel = 78
  case interrupted = 130

  /// That of a batch or of a failure's culprit, which know numbers.
  init(code: Int32) { self = ExitStatus(rawValue: code) ?? .someInputsFailed }

  /// That of an error which ends a command.
  init(_ error: any Error) {
    switch error {
    case let status as ExitStatus: self = status
    case let failure as CommandFailure: self = failure.status
    case let code as ExitCode: self = ExitStatus(code: code.rawValue)
    case is CancellationError: self = .interrupted
    case is InstructionSetError, is StageError, is JobFileError: self = .usage
    case is ModelError: self = .badModel
    case let error as ImageFileError: self.init(error.cause)
    case let error as TrainingError: self.init(error)
    case let error as FileError: self.init(code: Failure.Culprit(error).exitCode)
    case let error as LedgerError: self.init(code: Failure.Culprit(error).exitCode)
    case let error as WatchError: self.init(code: error.culprit.exitCode)
    case let error as Failure: self.init(code: error.culprit.exitCode)
    default: self = .someInputsFailed
    }
  }

  /// Of the one picture that a command is about; in a batch, a picture at fault is one of many.
  private init(_ cause: ImageFileError.Cause) {
    switch cause {
    case .invalidOption, .cannotHold: self = .usage
    case .encodingFailed: self = .inputOutput
    case .outOfMemory, .changedWhileReading: self = .tryLater
    case .cannotOpen, .cannotRead, .notARegularFile, .fileTooLarge, .empty, .unknownFormat, .corrupt,
      .truncated, .unsupported, .animated, .cmyk, .tooManyPixels, .dimensionTooLarge:
      self = .unreadable
    }
  }

  private init(_ error: TrainingError) {
    switch error {
    case .invalid, .notTrainable, .cannotGrow: self = .usage
    case .noPictures, .noFolder, .checkpoint: self = .unreadable
    case .notFinite: self = .someInputsFailed
    }
  }
}

extension Failure.Culprit {
  /// That of an error which says no more than what was tried.
  fileprivate init(_ error: FileError) {
    switch error.operation {
    case .open, .openFolder, .list, .read, .examine: self.init(reading: error)
    case .lock: self = .later
    case .create, .createFolder, .rename, .make, .write, .writeTo, .writeAll, .sync, .close, .remove, .move,
      .setMode, .setPermissions, .setTime, .watch, .watchFolder, .startCodecProcess, .leadMessages,
      .exchangeData:
      self.init(writing: error)
    }
  }
}
