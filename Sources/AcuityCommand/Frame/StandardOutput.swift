import Folders
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where results go. What a plug-in prints must not get among them: a picture, JSON, events.
enum StandardOutput {
  private static let own = Atomic(STDOUT_FILENO)

  /// The descriptor to write results to.
  static var descriptor: Int32 { own.load(ordering: .acquiring) }

  /// From here on, what anybody else prints to standard output goes to standard error.
  static func keepFromPlugIns() throws(FileError) {
    guard descriptor == STDOUT_FILENO else { return }
    let kept = try Descriptor.duplicate(STDOUT_FILENO)
    try Descriptor.lead(STDOUT_FILENO, to: STDERR_FILENO)
    own.store(kept, ordering: .releasing)
  }
}
