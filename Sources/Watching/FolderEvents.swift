package import Folders

/// That something may have happened. Never more than a hint: what is true is what a look at the folder shows, so a
/// hint may be late, doubled or wrong, and lost ones are made up for by the next scan.
package enum Hint: Sendable, Hashable {
  /// Look at `name` in `folder` (`nil`: the root).
  case entry(folder: RelativePath?, name: [UInt8])
  /// List `folder`.
  case folder(RelativePath?)
  /// Scan everything; why, for the log.
  case everything(reason: String)
}

/// The system's reports about folders.
package protocol FolderEvents: Sendable {
  /// For people: `inotify`, `kqueue`, `polling`.
  var method: String { get }

  /// Whether the reports can be relied on to come. If not, the folder is listed every few seconds instead.
  var isReliable: Bool { get }

  /// What would make them reliable again, or what keeps them from it, for people.
  var advice: String { get }

  /// Begins to report on `folder`, which is `path` below the root (`nil`: the root itself); once more for a folder
  /// that was moved. To be called before the folder is listed, so that nothing falls between.
  func watch(_ folder: Folder, at path: RelativePath?)

  /// A scan has called `watch` for every folder that there is. Reports on others, which have left the tree, end: the system
  /// has only so many to give. With none missing in this scan, the reports are reliable again.
  func forgetOthers()

  /// Whether `folder` is reported on already as the one at `path`, so that a report about the one that it lies in is no
  /// reason to list it.
  func reports(on folder: FileStatus.Identity, at path: RelativePath) -> Bool
}

extension FolderEvents {
  package func reports(on folder: FileStatus.Identity, at path: RelativePath) -> Bool { false }
}

package typealias MakeEvents = @Sendable (Mailbox) throws(FileError) -> any FolderEvents

/// What this system has: inotify or kqueue.
@Sendable package func systemEvents(_ mailbox: Mailbox) throws(FileError) -> any FolderEvents {
  #if os(Linux)
    try InotifyEvents(reportingTo: mailbox)
  #elseif canImport(Darwin)
    KqueueEvents(reportingTo: mailbox)
  #else
    Polling()
  #endif
}

/// No reports at all: for file systems that several machines write to.
package struct Polling: FolderEvents {
  package init() {}
  package var method: String { "polling" }
  package var isReliable: Bool { false }
  package var advice: String { "" }
  package func watch(_ folder: Folder, at path: RelativePath?) {}
  package func forgetOthers() {}
}
