package import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Takes an input out of the watched folder after its last attempt. Every step can be repeated after a kill, and a
/// file that is not the one that was worked on is left alone.
package struct Disposal: Sendable {
  package enum Result: Sendable, Equatable {
    case gone
    /// Another content has come under the name; it is an input of its own.
    case changed
  }

  /// Removes `path`, if it still is what was worked on.
  package static func delete(
    _ path: RelativePath, _ observation: Observation, below root: Folder
  ) throws(FileError) -> Result {
    guard let (folder, status) = try place(of: path, below: root) else { return .gone }
    guard Observation(status) == observation else { return .changed }
    guard try remove(path.name, observation, in: folder) else { return .changed }
    try folder.sync()
    return .gone
  }

  /// Moves `path` into the same subfolders of `target`, under a free name like its own; with `reason` beside it in a
  /// file of that name and `.json`, which has to be free too. Onto another disk it may take long: `goesOn` is asked all the
  /// while, and ends it with the file left alone, as one that has changed.
  package static func move(
    _ path: RelativePath, _ observation: Observation, below root: Folder, to target: Folder,
    reason: FailureReason? = nil, while goesOn: () -> Bool = { true }
  ) throws(FileError) -> Result {
    guard let (folder, status) = try place(of: path, below: root) else { return .gone }
    guard Observation(status) == observation else { return .changed }
    let destination = try target.folder(path.folder, create: true)
    var attempt = -1
    while true {
      attempt += 1
      let name = variant(attempt, of: path, room: reason == nil ? 0 : FailureReason.suffix.count)
      guard try destination.status(name) == nil else { continue }
      do throws(FileError) {
        // The reason first: killed in between, the next run writes it once more.
        if let reason { try write(reason, to: name + FailureReason.suffix, in: destination) }
      } catch  where error.isExistence {
        continue
      }
      var isMoved = false
      do throws(FileError) {
        defer { if !isMoved, reason != nil { try? destination.remove(name + FailureReason.suffix) } }
        isMoved = try moveFile(
          path.name, observation, in: folder, to: name, in: destination, while: goesOn)
        guard isMoved else { return .changed }
      } catch  where error.isExistence {
        continue
      }
      try destination.sync()
      try folder.sync()
      // Replaced between the look and the move: back with it, to be worked on.
      if let moved = try destination.status(name), moved.identity.device == observation.identity.device,
        !Observation(moved).isRenamed(observation)
      {
        try destination.rename(name, to: path.name, in: folder, replacing: false)
        return .changed
      }
      return .gone
    }
  }

  /// The folder of `path` and what has its name there; nil if either is not there any more.
  private static func place(
    of path: RelativePath, below root: Folder
  ) throws(FileError) -> (folder: Folder, status: FileStatus)? {
    do throws(FileError) {
      let folder = try root.folder(path.folder)
      guard let status = try folder.status(path.name) else { return nil }
      return (folder, status)
    } catch  where error.isAbsence {
      return nil
    }
  }

  /// Throws `EEXIST` if there is a file that is not such a reason of the same input.
  private static func write(
    _ reason: FailureReason, to name: [UInt8], in folder: Folder
  ) throws(FileError) {
    do throws(FileError) {
      try folder.write(reason.json, to: name, replacing: false)
    } catch  where error.isExistence {
      let former = (try? folder.read(name, limit: 1 << 20)).flatMap { FailureReason(json: $0.bytes) }
      guard former?.file == reason.file, former?.content == reason.content else { throw error }
      try folder.write(reason.json, to: name, replacing: true)
    }
  }

  /// False, with nothing moved, if another content was seen to have come under the name, or it was called off.
  private static func moveFile(
    _ name: [UInt8], _ observation: Observation, in folder: Folder, to newName: [UInt8],
    in destination: Folder, while goesOn: () -> Bool
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      try folder.rename(name, to: newName, in: destination, replacing: false)
      return true
    } catch  where error.code == EXDEV {
      return try moveAcross(
        name, observation, in: folder, to: newName, in: destination, while: goesOn)
    }
  }

  /// Onto another disk: a whole and durable copy with the file's permissions and time, and only then the removal of the
  /// very file that was copied. What cannot be removed leaves no copy, for there would be one more at each attempt.
  static func moveAcross(
    _ name: [UInt8], _ observation: Observation, in folder: Folder, to newName: [UInt8],
    in destination: Folder, while goesOn: () -> Bool = { true }
  ) throws(FileError) -> Bool {
    // Soon told, where copying may take long.
    try folder.checkRemovable(name)
    do {
      let isCopied = try folder.copy(name, to: newName, in: destination) {
        Observation($0) == observation && goesOn()
      }
      guard isCopied else { return false }
    } catch {
      switch error {
      case .failed(let error): throw error
      case .changedMeanwhile, .notAFile: return false
      case .tooLarge: throw FileError(.move, folder.location(name), code: EFBIG)
      }
    }
    do throws(FileError) {
      if try remove(name, observation, in: folder) { return true }
    } catch {
      try? destination.remove(newName)
      throw error
    }
    try destination.remove(newName)
    return false
  }

  /// The name itself, then with `~1`, `~2`... before the extension; never longer than a name may be, less `room`, and
  /// not cut within a UTF-8 character: there are file systems that take only names that are text.
  static func variant(_ attempt: Int, of path: RelativePath, room: Int) -> [UInt8] {
    let stem = path.stem
    let ending = path.name.dropFirst(stem.count)
    let mark = attempt == 0 ? [] : Array("~\(attempt)".utf8)
    var length = min(stem.count, max(1, 255 - room - mark.count - ending.count))
    while length > 1, length < stem.count, UTF8.isContinuation(stem[length]) { length -= 1 }
    return stem.prefix(length) + mark + ending
  }
}
