import Acuity
import Batch
import Folders
import Ledger
import Stages
import Testing
import Training
import Watching

@testable import AcuityCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Exit codes of errors")
struct ExitStatusTests {
  @Test("Each error that ends a command has the code of who must act")
  func codes() {
    func file(_ operation: FileError.Operation, _ code: Int32 = EACCES) -> FileError {
      FileError(operation, "a", code: code)
    }
    func picture(_ cause: ImageFileError.Cause) -> ImageFileError { ImageFileError(file: "a", cause: cause) }
    let table: [(any Error, Int32)] = [
      (CommandFailure(.tryLater, "a"), 75),
      (CancellationError(), 130),
      (StageError.picture(stage: "a", reason: "b"), 64),
      (JobFileError("a"), 64),
      (ModelError(file: "a", cause: .noLayers), 78),
      // Reading.
      (file(.open), 66), (file(.openFolder, ENOENT), 66), (file(.list), 66),
      (file(.examine), 66),
      (file(.read, EIO), 74), (file(.open, EMFILE), 75), (file(.open, ENFILE), 75),
      // Writing.
      (file(.create), 73), (file(.createFolder, ENOTDIR), 73),
      (file(.rename, EISDIR), 73), (file(.setPermissions, EPERM), 73),
      (file(.create, ENOSPC), 74), (file(.write, EDQUOT), 74),
      (file(.write, EFBIG), 74), (file(.sync, EIO), 74),
      (file(.create, EMFILE), 75), (file(.lock), 75),
      // Pictures.
      (picture(.invalidOption("a")), 64), (picture(.cannotHold(.jpeg, "a", advice: "b")), 64),
      (picture(.encodingFailed(.png, "a")), 74),
      (picture(.outOfMemory(bytes: nil)), 75), (picture(.changedWhileReading), 75),
      (picture(.cannotOpen(errno: ENOENT)), 66), (picture(.corrupt(.png, "a")), 66),
      (picture(.cmyk(.jpeg)), 66),
      // Ledgers.
      (LedgerError.locked(path: "a"), 75), (LedgerError.diskFull(path: "a"), 74),
      (LedgerError.foreign(path: "a"), 74), (LedgerError.newer(path: "a"), 74),
      (LedgerError.corrupt(path: "a", detail: "b"), 74),
      // Watching.
      (WatchError.input(file(.openFolder)), 66), (WatchError.input(file(.list, EIO)), 74),
      (WatchError.output(file(.openFolder)), 73),
      (WatchError.output(file(.create, EIO)), 74),
      (WatchError.output(file(.create, ENOSPC)), 74), (WatchError.locked(folder: "a"), 75),
      (WatchError.unmounted("a"), 75), (WatchError.replaced(folder: "a"), 75),
      (WatchError.overlap("a"), 64), (WatchError.ledger(.locked(path: "a")), 75),
      // Training.
      (TrainingError.invalid("a"), 64), (TrainingError.noFolder("a"), 66),
      (TrainingError.checkpoint(file: "a", "b"), 66),
      (TrainingError.notFinite(step: 1, rate: 1, batch: []), 1),
    ]
    for (error, code) in table { #expect(ExitStatus(error).rawValue == code, "\(error)") }
  }

  @Test("Each culprit's code is one that the command has", arguments: Failure.Culprit.allCases)
  func culprits(_ culprit: Failure.Culprit) {
    #expect(ExitStatus(Failure(culprit, "a")).rawValue == culprit.exitCode)
  }
}
