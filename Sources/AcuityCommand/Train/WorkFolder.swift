import ArgumentParser
import Folders
import SuperResolution
import Training

/// Where a training keeps what it needs to go on: locked for as long as this lives, so that no two trainings take each
/// other's checkpoints.
struct WorkFolder {
  let folder: Folder
  let store: CheckpointFolder
  /// Where to go on.
  private(set) var checkpoint: Checkpoint?
  private let lock: FolderLock?

  init(_ path: Path, resumes: Bool) throws {
    folder = try makeFolder(path.bytes)
    store = CheckpointFolder(folder)
    lock = try Self.lock(folder)
    if !resumes, try !store.isEmpty {
      throw CommandFailure(
        .cannotCreate,
        "\(path) has the checkpoints of a training: go on with it by --resume, remove the folder, or name another "
          + "by --work")
    }
    // What a killed run was writing.
    for name in try folder.names() where TemporaryName.matches(name) { try? folder.remove(name) }
    checkpoint =
      resumes ? try store.newest { Console.report(.warning, "\($0); looking for one before") } : nil
    if resumes && checkpoint == nil {
      Console.report(.info, "\(path) has no checkpoint to go on from: the training begins")
    }
  }

  static let historyNames = (table: "history.csv", page: "history.html")

  /// Whether a file of this name is the training's own, to be replaced or removed in the course of it.
  static func keeps(_ name: [UInt8]) -> Bool {
    CheckpointFolder.step(of: name) != nil
      || [historyNames.table, historyNames.page].contains { name == Array($0.utf8) }
  }

  /// Hands the checkpoint over, which is as large as all that a run keeps; it is gone here.
  mutating func takeCheckpoint() -> Checkpoint? {
    defer { checkpoint = nil }
    return checkpoint
  }

  /// Nil on a file system that has no locks.
  private static func lock(_ folder: Folder) throws -> FolderLock? {
    do throws(FileError) {
      if let lock = try FolderLock(folder) { return lock }
    } catch {
      if error.isLockUnsupported { return nil }
      throw error
    }
    throw CommandFailure(
      .tryLater, "\(folder.path): another training works there; choose another --work folder")
  }
}

/// The model file that a training ends in, found writable before hours go into it.
struct ModelOutput {
  let path: Path
  private let folder: Folder
  private let name: [UInt8]

  init(_ path: Path) throws {
    (folder, name) = try checkPlace(of: path, makingFolder: true)
    self.path = path
  }

  /// Refuses a place among the training's own files, whose next checkpoint would replace the model.
  func check(apartFrom work: Folder) throws {
    if folder.identity == work.identity, WorkFolder.keeps(name) {
      throw ValidationError("\(path) is a file of the --work folder's own: give --out another name")
    }
  }

  /// What the model is called: the file's name without `.safetensors`.
  var modelName: String {
    let ending = Array(".safetensors".utf8)
    return escaped(
      name.count > ending.count && name.suffix(ending.count) == ending[...]
        ? name.dropLast(ending.count) : name[...])
  }

  func write(_ model: Model) throws {
    try folder.write(model.serialized(), to: name, replacing: true)
  }
}
