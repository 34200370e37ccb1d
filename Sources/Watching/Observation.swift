package import Folders

/// What tells one content of a file from the next without reading it: another file under the same name, another
/// size or another time means that somebody wrote. Permissions and names are no part of it.
package struct Observation: Sendable, Hashable {
  package let identity: FileStatus.Identity
  /// Bytes.
  package let size: Int64
  /// Modification time, nanoseconds since 1970.
  package let modified: Int64

  package init(_ status: FileStatus) {
    identity = status.identity
    size = status.size
    modified = status.modified
  }
}
