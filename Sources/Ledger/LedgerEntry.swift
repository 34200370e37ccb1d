/// One input of a batch or of a watched folder, and how far it has come.
package struct LedgerEntry: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    /// Known, not begun; or begun and given back.
    case pending
    /// Begun. Found in a ledger that nobody works with, it says that the process died over this input.
    case running
    /// The output is complete and its directory is on the disk.
    case done
    /// The last attempt failed; there will be another.
    case failed
    /// No further attempt until the content, the model or the options change.
    case quarantined
  }

  /// Size and time of the input as it was read: enough to see without reading that a file is unchanged.
  package struct Stamp: Sendable, Hashable {
    /// Bytes.
    package var size: Int64
    /// Modification time, nanoseconds since 1970.
    package var modified: Int64

    package init(size: Int64, modified: Int64) {
      self.size = size
      self.modified = modified
    }
  }

  /// Relative to the input root. File names are bytes: two names that are equal as Unicode text may be two
  /// files.
  package var path: [UInt8]
  package var stamp: Stamp
  package var fingerprint: Fingerprint
  package var state: State
  /// Attempts at this fingerprint, the running one included.
  package var attempts: Int
  /// How often the process ended without a word while this input was running. Apart from `attempts`: a
  /// machine that loses power ten times must not cost an innocent file.
  package var interruptions: Int
  /// Relative to the output root; known as soon as an output is about to appear under this name.
  package var output: [UInt8]?
  package var outputDigest: SHA256.Digest?
  /// Why the last attempt failed.
  package var reason: String?
  /// When this path was first begun, and when its state last changed; nanoseconds since 1970.
  package var created: Int64
  package var changed: Int64
}
