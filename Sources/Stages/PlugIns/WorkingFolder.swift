import Folders
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's working directory while plug-ins are called. Relative names start from it, in every thread, so that it is not
/// theirs to change: what is written afterwards would go astray.
enum WorkingFolder {
  static let fault = "it changed the working directory, which is not its to change"

  /// Calls under way, and the directory before the first of them; nil if it cannot be opened.
  private static let calls = Mutex<(count: Int, folder: Folder?)>((0, nil))

  /// Calls a plug-in, and takes the directory back if it is another one afterwards.
  /// - Returns: what `call` gave, and whether it was.
  static func keeping<Result>(_ call: () -> Result) -> (result: Result, hasMoved: Bool) {
    calls.withLock { calls in
      if calls.count == 0 { calls.folder = try? Folder(here) }
      calls.count += 1
    }
    let result = call()
    let hasMoved = calls.withLock { calls in
      calls.count -= 1
      guard let folder = calls.folder, !folder.isStill(at: here) else { return false }
      _ = fchdir(folder.descriptor)
      return true
    }
    return (result, hasMoved)
  }

  private static let here = [UInt8(ascii: ".")]
}
