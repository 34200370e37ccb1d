package import Folders

/// The folder that is watched, by the name the user gave: opened again when another one takes its place, and told
/// from the empty folder that an unmounted disk leaves behind.
///
/// At the first start a small file, the marker, is put into it. A folder that was known before, has lost its marker
/// and is empty is taken for unmounted: it is waited for. Any file in it makes it a folder like any other.
package struct WatchedFolder {
  package static let marker = Array(".acuity-watched".utf8)

  package enum Presence: Equatable, Sendable {
    case same
    /// Another folder is there now; it is open.
    case replaced
    /// Nothing is there, or nothing that can be read, or what an unmounted disk leaves.
    case missing(reason: String)
  }

  package let path: [UInt8]
  package private(set) var folder: Folder
  /// Whether the folder has, or once had, a marker.
  private var wasMarked: Bool

  /// Opens the folder; `isKnown` says whether an earlier run has worked on it.
  package init(_ path: [UInt8], isKnown: Bool) throws(FileError) {
    self.path = path
    folder = try Folder(path)
    wasMarked = isKnown
  }

  /// Looks whether the folder is still the one that is open, and opens the other if it is not.
  package mutating func check() -> Presence {
    var presence = Presence.same
    if !folder.isStill(at: path) {
      do {
        folder = try Folder(path)
        presence = .replaced
      } catch {
        return .missing(reason: error.description)
      }
    }
    do {
      if try folder.status(Self.marker) != nil {
        wasMarked = true
      } else if wasMarked, try folder.names().isEmpty {
        return .missing(
          reason:
            "\(folder.path) is empty and its marker \(escaped(Self.marker)) is gone: is its disk not mounted? "
            + "If it is a new folder, put any file into it")
      } else {
        mark()
      }
    } catch {
      return .missing(reason: error.description)
    }
    return presence
  }

  /// A folder that cannot be written to has no marker, and is told by its identity alone.
  private mutating func mark() {
    let text = "acuity watches this folder; while this file is here, its disk is mounted\n"
    do {
      try folder.write(Array(text.utf8), to: Self.marker, replacing: false)
      wasMarked = true
    } catch {}
  }
}
