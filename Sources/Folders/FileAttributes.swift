/// What a finished file gets beside its content.
package struct FileAttributes: Sendable, Equatable {
  package enum Permissions: Sendable, Equatable {
    /// Reading and writing for all, less the process's mask.
    case usual
    /// These bits, whatever the mask.
    case exactly(UInt32)
  }

  package var permissions: Permissions
  /// Modification time, nanoseconds since 1970; nil for now.
  package var modified: Int64?

  package init(permissions: Permissions = .usual, modified: Int64? = nil) {
    self.permissions = permissions
    self.modified = modified
  }
}
