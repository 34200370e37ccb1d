package import Folders
package import Ledger

extension Failure {
  /// Whose matter a failure is.
  package enum Culprit: String, Sendable, CaseIterable {
    /// The file's content: damaged, hostile, unsupported, beyond the limits.
    case input
    /// The options given.
    case usage
    /// The file cannot be opened or read at all.
    case unreadable
    /// The output's name cannot be, or something else has it: no other time will do.
    case outputName = "output-name"
    /// The output's folder takes no files for now: permission, a disk that is read-only or gone.
    case output
    /// The disk or the system failed.
    case system
    case diskFull = "disk-full"
    /// Another time will do: somebody is writing the file, or holds a lock.
    case later
    /// The weights or what else the stages have loaded.
    case model
  }
}

extension Failure.Culprit {
  /// As in sysexits.h; 1 where one input of many is at fault.
  package var exitCode: Int32 {
    switch self {
    case .input: 1
    case .usage: 64
    case .unreadable: 66
    case .outputName, .output: 73
    case .system, .diskFull: 74
    case .later: 75
    case .model: 78
    }
  }

  /// That of an error in reading a file.
  package init(reading error: FileError) {
    self = error.isInputOutput ? .system : error.isExhaustion ? .later : .unreadable
  }

  /// That of an error in making an output, or a folder for it.
  package init(writing error: FileError) {
    self =
      if error.isDiskFull {
        .diskFull
      } else if error.isInputOutput || error.isTooLarge {
        .system
      } else if error.isExhaustion {
        .later
      } else {
        error.isAboutTheName ? .outputName : .output
      }
  }

  package init(_ error: LedgerError) {
    switch error {
    case .diskFull: self = .diskFull
    case .locked: self = .later
    case .corrupt, .foreign, .newer, .unshareable, .unusable: self = .system
    }
  }
}
