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

  /// Size and times of a file: enough to see without reading that it is unchanged, where nothing hangs on it.
  package struct Stamp: Sendable, Hashable {
    /// Bytes.
    package var size: Int64
    /// Modification time, nanoseconds since 1970.
    package var modified: Int64
    /// Time of any change, which nobody can set, nanoseconds since 1970. Nil where it is not known: of outputs, whose names
    /// come after the look at them, and in former versions' ledgers.
    package var changed: Int64?

    package init(size: Int64, modified: Int64, changed: Int64? = nil) {
      self.size = size
      self.modified = modified
      self.changed = changed
    }

    /// Whether both can be of the same file unchanged: they agree in all that both know.
    package func matches(_ other: Stamp) -> Bool {
      (size, modified) == (other.size, other.modified)
        && (changed == nil || other.changed == nil || changed == other.changed)
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
  /// Of what was published for this fingerprint, and for no other; nil as long as nothing was.
  package var outputDigest: SHA256.Digest?
  /// Of what may still stand under the output's name because it was published there before: ours, but out of date.
  package var formerDigests: [SHA256.Digest] = []
  /// Of the output as it was when it had got its name; nil where nobody has looked since.
  package var outputStamp: Stamp?
  /// The input was taken out of the watched folder when its output was there, so that what comes under its name is another
  /// picture and not a newer form of it.
  package var hasLeft = false
  /// A quarantined input that is no proven poison is tried once more after this time, nanoseconds since 1970.
  package var heldUntil: Int64?
  /// Why the last attempt failed.
  package var reason: String?
  /// When this path was first begun, and when its state last changed; nanoseconds since 1970.
  package var created: Int64
  package var changed: Int64

  /// Whether the entry says of a file with this content, under its output's name, that we have put it there.
  package func owns(_ digest: SHA256.Digest) -> Bool {
    outputDigest == digest || formerDigests.contains(digest)
  }

  /// What was published is from now on only what was there before.
  mutating func retireOutput() {
    if let digest = outputDigest, !formerDigests.contains(digest) { formerDigests.append(digest) }
    outputDigest = nil
    outputStamp = nil
  }
}
