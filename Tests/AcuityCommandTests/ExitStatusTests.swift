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
    let table: [(any Error, ExitStatus)] = [
      (ExitStatus.badModel, .badModel),
      (CommandFailure(.tryLater, "a"), .tryLater),
      (CancellationError(), .interrupted),
      (StageError.picture(stage: "a", reason: "b"), .usage),
      (JobFileError("a"), .usage),
      (ModelError(file: "a", cause: .noLayers), .badModel),
      // Reading.
      (file(.open), .unreadable), (file(.openFolder, ENOENT), .unreadable), (file(.list), .unreadable),
      (file(.examine), .unreadable),
      (file(.read, EIO), .inputOutput), (file(.open, EMFILE), .tryLater), (file(.open, ENFILE), .tryLater),
      // Writing.
      (file(.create), .cannotCreate), (file(.createFolder, ENOTDIR), .cannotCreate),
      (file(.rename, EISDIR), .cannotCreate), (file(.setPermissions, EPERM), .cannotCreate),
      (file(.create, ENOSPC), .inputOutput), (file(.write, EDQUOT), .inputOutput),
      (file(.write, EFBIG), .inputOutput), (file(.sync, EIO), .inputOutput),
      (file(.create, EMFILE), .tryLater), (file(.lock), .tryLater),
      // Pictures.
      (picture(.invalidOption("a")), .usage), (picture(.cannotHold(.jpeg, "a", advice: "b")), .usage),
      (picture(.encodingFailed(.png, "a")), .inputOutput),
      (picture(.outOfMemory(bytes: nil)), .tryLater), (picture(.changedWhileReading), .tryLater),
      (picture(.cannotOpen(errno: ENOENT)), .unreadable), (picture(.corrupt(.png, "a")), .unreadable),
      (picture(.cmyk(.jpeg)), .unreadable),
      // Ledgers.
      (LedgerError.locked(path: "a"), .tryLater), (LedgerError.diskFull(path: "a"), .inputOutput),
      (LedgerError.foreign(path: "a"), .inputOutput), (LedgerError.newer(path: "a"), .inputOutput),
      (LedgerError.corrupt(path: "a", detail: "b"), .inputOutput),
      // Watching.
      (WatchError.input(file(.openFolder)), .unreadable), (WatchError.input(file(.list, EIO)), .inputOutput),
      (WatchError.output(file(.openFolder)), .cannotCreate),
      (WatchError.output(file(.create, EIO)), .inputOutput),
      (WatchError.output(file(.create, ENOSPC)), .inputOutput), (WatchError.locked(folder: "a"), .tryLater),
      (WatchError.unmounted("a"), .tryLater), (WatchError.replaced(folder: "a"), .tryLater),
      (WatchError.overlap("a"), .usage), (WatchError.ledger(.locked(path: "a")), .tryLater),
      // Training.
      (TrainingError.invalid("a"), .usage), (TrainingError.noFolder("a"), .unreadable),
      (TrainingError.checkpoint(file: "a", "b"), .unreadable),
      (TrainingError.notFinite(step: 1, rate: 1, batch: []), .someInputsFailed),
    ]
    for (error, status) in table { #expect(ExitStatus(error) == status, "\(error)") }
  }

  @Test("Each culprit's code is one that the command has", arguments: Failure.Culprit.allCases)
  func culprits(_ culprit: Failure.Culprit) {
    #expect(ExitStatus(rawValue: culprit.exitCode) == ExitStatus(Failure(culprit, "a")))
  }
}
