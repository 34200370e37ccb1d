/// What can be wrong with a ledger file. Each says which file, what is the matter and the way out.
package enum LedgerError: Error, Equatable, CustomStringConvertible {
  /// The file is not a ledger, or its pages are damaged.
  case corrupt(path: String, detail: String)
  /// A database of another program.
  case foreign(path: String)
  /// Written by a newer version of the program.
  case newer(path: String)
  /// Another process holds the database.
  case locked(path: String)
  /// No space, inodes or quota left where the ledger lies.
  case diskFull(path: String)
  /// A file system that cannot map memory for several processes, as some over FUSE or a network.
  case unshareable(path: String)
  /// Everything else SQLite reports: permission, a missing folder, an I/O error.
  case unusable(path: String, detail: String)

  package var description: String {
    switch self {
    case .corrupt(let path, let detail):
      "the ledger \(path) is damaged: \(detail). Move it away to start afresh (finished outputs are kept and "
        + "compared, not overwritten), or restore it from a backup"
    case .foreign(let path):
      "\(path) is no ledger but a database of another program: name another file for the ledger"
    case .newer(let path):
      "the ledger \(path) was written by a newer version of acuity: update this one, or name another file for the ledger"
    case .locked(let path):
      "the ledger \(path) is in use by another process: stop that one, or name another file for the ledger"
    case .diskFull(let path):
      "no space left to record progress in the ledger \(path): free some space"
    case .unshareable(let path):
      "the ledger \(path) cannot be used: its file system cannot share memory between processes, which a database in use "
        + "needs; keep the ledger on a local disk"
    case .unusable(let path, let detail):
      "the ledger \(path) cannot be used: \(detail)"
    }
  }
}
