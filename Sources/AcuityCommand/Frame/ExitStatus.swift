import Acuity
import ArgumentParser
import Folders
import Ledger
import Stages

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error type of one command's own that knows its code.
protocol ExitStatusProviding: Error {
  var exitStatus: ExitStatus { get }
}

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

  /// That of an error which ends a command. A file that fails in a batch has its culprit's (`Failure.Culprit`).
  init(_ error: any Error) {
    switch error {
    case let status as ExitStatus: self = status
    case let failure as CommandFailure: self = failure.status
    case let code as ExitCode: self = ExitStatus(rawValue: code.rawValue) ?? .someInputsFailed
    case is CancellationError: self = .interrupted
    case is InstructionSetError, is StageError: self = .usage
    case is ModelError: self = .badModel
    case let error as ImageFileError: self.init(error.cause)
    case let error as FileError: self.init(error)
    case let error as LedgerError: self.init(error)
    case let error as any ExitStatusProviding: self = error.exitStatus
    default: self = .someInputsFailed
    }
  }

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

  private init(_ error: FileError) {
    if error.isDiskFull || error.code == EIO {
      self = .inputOutput
    } else {
      switch error.operation {
      case .open, .openFolder, .list, .read, .examine: self = .unreadable
      case .create, .createFolder, .rename: self = .cannotCreate
      case .lock: self = .tryLater
      case .make, .write, .writeTo, .writeAll, .sync, .close, .remove, .move, .setMode, .setPermissions,
        .setTime, .watch,
        .startCodecProcess, .exchangeData:
        self = .inputOutput
      }
    }
  }

  private init(_ error: LedgerError) {
    switch error {
    case .locked: self = .tryLater
    case .diskFull, .corrupt, .foreign, .newer, .unusable: self = .inputOutput
    }
  }
}
