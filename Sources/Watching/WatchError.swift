package import Batch
package import Folders
package import Ledger

/// Why a watcher does not start or cannot go on.
package enum WatchError: Error, CustomStringConvertible {
  case input(FileError)
  /// The output, the state, or a folder for finished or failed inputs.
  case output(FileError)
  case locked(folder: String)
  /// The state's file system has no locks.
  case unlockable(FileError)
  /// The output folder's disk seems to be away; why, and the way out.
  case unmounted(String)
  /// The output folder gave way to another one that a watcher has worked in: its disk was mounted anew.
  case replaced(folder: String)
  /// Two of the folders are the same, or one lies where its files would be taken for the other's.
  case overlap(String)
  case ledger(LedgerError)
  /// The ledger's file was removed or replaced while it was worked with.
  case ledgerLost(path: String)

  package var description: String {
    switch self {
    case .input(let error), .output(let error): error.description
    case .locked(let folder):
      "another process already works in \(folder): stop it first, or choose another folder"
    case .unlockable(let error): "\(error): keep the state on a local disk (--state)"
    case .overlap(let text), .unmounted(let text): text
    case .replaced(let folder):
      "another folder of outputs is at \(folder) now: start again to go on with that one"
    case .ledger(let error): error.description
    case .ledgerLost(let path):
      "the ledger \(path) was removed or replaced while it was in use: start again; inputs that are still there are then "
        + "compared with their outputs"
    }
  }

  /// Whose matter it is.
  package var culprit: Failure.Culprit {
    switch self {
    case .input(let error): .init(reading: error)
    case .output(let error), .unlockable(let error): .init(writing: error)
    case .locked, .unmounted, .replaced, .ledgerLost: .later
    case .overlap: .usage
    case .ledger(let error): .init(error)
    }
  }
}
