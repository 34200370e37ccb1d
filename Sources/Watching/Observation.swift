package import Folders
import Ledger

/// What tells one content of a file from the next without reading it: another file under the same name, another
/// size or another time means that somebody may have written. The modification time alone does not tell, for many programs
/// set it back; the time of change also tells of new permissions and names, so that what it is about shows by reading.
package struct Observation: Sendable, Hashable {
  package let identity: FileStatus.Identity
  /// Bytes.
  package let size: Int64
  /// Modification time, nanoseconds since 1970.
  package let modified: Int64
  /// Time of any change, nanoseconds since 1970.
  package let changed: Int64

  package init(_ status: FileStatus) {
    identity = status.identity
    size = status.size
    modified = status.modified
    changed = status.changed
  }

  /// Whether it is what `former` was, as far as that shows after a rename, which is a change too.
  package func isRenamed(_ former: Observation) -> Bool {
    (identity, size, modified) == (former.identity, former.size, former.modified)
  }
}

extension LedgerEntry.Stamp {
  init(_ observation: Observation) {
    self.init(size: observation.size, modified: observation.modified, changed: observation.changed)
  }
}
