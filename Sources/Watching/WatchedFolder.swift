package import Folders

/// The folder that is watched, by the name the user gave: opened again when another one takes its place, and told
/// from the empty folder that an unmounted disk leaves behind.
///
/// At the first start a small file, the marker, is put into it. A folder that was known before, has lost its marker
/// and is empty is taken for unmounted: it is waited for. Any file in it makes it a folder like any other.
package struct WatchedFolder {
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
  /// Whether the marker is there, as of the last look.
  private var hasMarker = false
  /// Whether the marker of this very folder names the output.
  private var hasOutput = false

  /// Opens the folder; `isKnown` says whether an earlier run has worked on it.
  package init(_ path: [UInt8], isKnown: Bool) throws(FileError) {
    self.path = path
    folder = try Folder(path)
    wasMarked = isKnown
  }

  /// Looks whether the folder is still the one that is open, and opens the other if it is not.
  package mutating func check() -> Presence {
    var presence = Presence.same
    do {
      if !folder.isStill(at: path) {
        folder = try Folder(path)
        presence = .replaced
        hasOutput = false
      }
      hasMarker = try folder.status(WatchMarker.name) != nil
      if hasMarker {
        wasMarked = true
      } else if wasMarked, try folder.names().isEmpty {
        return .missing(
          reason:
            "\(folder.path) is empty and its marker \(escaped(WatchMarker.name)) is gone: is its disk not mounted? "
            + "If it is a new folder, put any file into it")
      }
    } catch {
      return .missing(reason: error.description)
    }
    return presence
  }

  /// What tells the folder from another one that comes into its place: its marker's, or where it has none its place.
  var identity: [UInt8] { WatchMarker(in: folder).identity.map { Array($0.utf8) } ?? realPath(path) }

  /// Puts the marker into the folder, unless it is there; it remembers that outputs go to `output`, as soon as they do.
  /// A folder that cannot be written to has no marker, and is told by its identity alone.
  mutating func mark(_ output: [UInt8], _ outputFolder: Folder) {
    guard !hasMarker || !hasOutput else { return }
    // An output folder without anything in it could not be told from the place of an unmounted disk.
    let isUsed = (try? outputFolder.names().isEmpty) == false
    var marker = WatchMarker(in: folder)
    do {
      if !hasMarker || marker.identity == nil || isUsed && !marker.knows(output) {
        try marker.write(in: folder, adding: isUsed ? output : nil)
      }
      wasMarked = true
      hasMarker = true
      hasOutput = isUsed
    } catch {}
  }
}
