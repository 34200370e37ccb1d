package import Folders
package import Ledger

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folders that a watcher works in, locked for it alone, with the ledger. The locks last as long as the value.
package struct WatchFolders: Sendable {
  package var watched: WatchedFolder
  package let output: Folder
  package let state: Folder
  package private(set) var done: Folder?
  package private(set) var failed: Folder?
  package let ledger: Ledger
  /// The ledger's file as it was opened.
  private let ledgerFile: FileStatus.Identity?
  private let settings: WatchSettings
  /// Nil where the file system has no locks: then only a watcher with the same state is kept out.
  private var inputLock: FolderLock?
  private let stateLock: FolderLock

  /// Opens and locks the folders, making all but the watched one if need be; then clears away what a killed run has
  /// left: temporaries, and inputs marked as being worked on.
  package init(_ settings: WatchSettings) throws(WatchError) {
    let input = try concerningInput { () throws(FileError) in try Folder(settings.input) }
    // Nothing is made or changed before the lock is held.
    inputLock = try Self.lock(input)
    self.settings = settings
    try Self.checkStatusFiles(settings)
    try Self.checkMounted(settings.output, input: input)
    try Self.checkApart(settings)
    output = try concerningOutput { () throws(FileError) in try Folder(settings.output, create: true) }
    try Self.check(input: input, outputs: [output])
    let state = try Self.state(settings, below: output)
    let stateLock: FolderLock?
    do throws(FileError) {
      stateLock = try FolderLock(Self.lockName, in: state)
    } catch {
      throw error.isLockUnsupported ? .unlockable(error) : .output(error)
    }
    guard let stateLock else { throw .locked(folder: state.path) }
    self.state = state
    self.stateLock = stateLock
    done = try concerningOutput { () throws(FileError) in
      if let path = settings.done.folder { try Folder(path, create: true) } else { nil }
    }
    failed = try concerningOutput { () throws(FileError) in
      if let path = settings.failed { try Folder(path, create: true) } else { nil }
    }
    try Self.check(input: input, outputs: [output, state, done, failed].compactMap(\.self))
    try Self.checkApart(done: done, failed: failed, output: output, state: state)
    // Before the ledger is opened, which may need their room.
    for folder in [output, state, done, failed].compactMap(\.self) { Self.removeTemporaries(in: folder) }

    let path = Self.ledgerPath(settings.state, state)
    let ledger = try concerningLedger { () throws(LedgerError) in
      let ledger = try Ledger(path: path)
      // High, for a machine that loses its power again and again must not hold an innocent file up.
      try ledger.recover(interruptionLimit: 10)
      // Below the output folder it belongs to that folder, wherever it is moved.
      if settings.state != WatchSettings.state(below: settings.output) {
        try ledger.attach(to: realPath(settings.output))
      }
      return ledger
    }
    let isKnown = try concerningLedger { () throws(LedgerError) in try !ledger.counts().isEmpty }
    self.ledger = ledger
    ledgerFile = try concerningOutput { () throws(FileError) in
      try state.status(Array(Self.ledgerName.utf8))?.identity
    }
    watched = try concerningInput { () throws(FileError) in
      try WatchedFolder(settings.input, isKnown: isKnown)
    }
  }

  // MARK: Another watched folder

  /// Takes over `other`, which has come into the watched folder's place; that one is let go of.
  mutating func take(_ other: WatchedFolder) throws(WatchError) {
    let input = other.folder
    inputLock = try Self.lock(input)
    watched = other
    try reopenForInputs()
    try Self.check(input: input, outputs: [output, state, done, failed].compactMap(\.self))
  }

  /// Makes the folders for finished and failed inputs anew if they are gone or were moved away: those that lay in the watched
  /// folder, and others while their disk is there. What cannot be made shows when an input is to go there.
  ///
  /// - Throws: `overlap` when one of them is now where it must not be, as behind another link.
  mutating func reopenForInputs() throws(WatchError) {
    let new = (reopened(done, at: settings.done.folder), reopened(failed, at: settings.failed))
    guard (new.0?.identity, new.1?.identity) != (done?.identity, failed?.identity) else { return }
    try Self.check(input: watched.folder, outputs: [new.0, new.1].compactMap(\.self))
    try Self.checkApart(done: new.0, failed: new.1, output: output, state: state)
    (done, failed) = new
  }

  private func reopened(_ folder: Folder?, at path: [UInt8]?) -> Folder? {
    guard let folder, let path, !folder.isStill(at: path) else { return folder }
    let isInner = absolute(path).starts(with: absolute(settings.input) + [UInt8(ascii: "/")])
    // On another disk it would lie in the bare place of the one that is away.
    guard isInner || (try? Folder.nearest(to: path))?.identity.device == folder.identity.device else {
      return folder
    }
    return (try? Folder(path, create: true)) ?? folder
  }

  /// Never entered by a scan.
  package var excluded: Set<FileStatus.Identity> {
    Set([output, state, done, failed].compactMap { $0?.identity })
  }

  /// Tells what is left on each of the disks. It keeps the two folders open, and none of the locks.
  package var space: @Sendable () -> [DiskSpace?] {
    { [output, state] in [DiskSpace(of: output), DiskSpace(of: state)] }
  }

  /// Whether the ledger's file was removed or has given way to another one, so that nobody will find what is recorded. What cannot be
  /// looked at, as on a disk that fails, may be there still.
  package var hasLostLedger: Bool {
    do throws(FileError) {
      return try Folder(settings.state).status(Array(Self.ledgerName.utf8))?.identity != ledgerFile
    } catch {
      return error.isAbsence
    }
  }

  /// Whether another watcher in the folder would be noticed, whatever its state is.
  package var isInputLocked: Bool { inputLock != nil }

  private static func lock(_ input: Folder) throws(WatchError) -> FolderLock? {
    let lock: FolderLock?
    do throws(FileError) {
      lock = try FolderLock(input)
    } catch {
      guard error.isLockUnsupported else { throw .input(error) }
      return nil
    }
    guard let lock else { throw .locked(folder: input.path) }
    return lock
  }

  /// The user's own links are followed to where he wants the state; below the output folder none is, nor is one in
  /// place of the ledger, which SQLite would follow.
  private static func state(_ settings: WatchSettings, below output: Folder) throws(WatchError) -> Folder {
    try concerningOutput { () throws(FileError) in
      let isUsual = settings.state == WatchSettings.state(below: settings.output)
      let folder =
        isUsual
        ? try output.folder(RelativePath(WatchSettings.stateName), create: true)
        : try Folder(settings.state, create: true)
      // With its state elsewhere, the output folder has at least a sign of its own that its disk is mounted.
      if !isUsual { _ = try? output.folder(RelativePath(WatchSettings.stateName), create: true) }
      for name in ledgerFiles {
        if let kind = try folder.status(name)?.kind, kind != .file {
          throw FileError(.open, folder.location(name), code: kind == .folder ? EISDIR : ELOOP)
        }
      }
      return folder
    }
  }

  private static let ledgerName = "ledger.sqlite"
  /// With those that SQLite keeps beside it.
  private static let ledgerFiles = ["", "-wal", "-shm"].map { Array((ledgerName + $0).utf8) }
  private static let lockName = Array("lock".utf8)

  /// SQLite's path is text; a folder whose name is none is reached by its descriptor.
  private static func ledgerPath(_ path: [UInt8], _ folder: Folder) -> String {
    let name = String(validating: path, as: UTF8.self) ?? "/proc/self/fd/\(folder.descriptor)"
    return name + "/" + ledgerName
  }

  /// Outputs must not be taken for inputs. Below the input, each of the folders is left out of the scan; but none may
  /// be the input itself or have it inside.
  private static func check(input: Folder, outputs: [Folder]) throws(WatchError) {
    for folder in outputs where isWithin(input, folder) { throw .overlap(inputsPlace(folder.path)) }
  }

  /// Refuses folders that have the watched one inside, to put inputs where outputs are, or finished ones where those are that
  /// were given up. By name, before anything is made; then by what the names have led to.
  private static func checkApart(_ settings: WatchSettings) throws(WatchError) {
    let places = [settings.done.folder, settings.failed, settings.output, settings.state].map {
      $0.map { realPath($0) }
    }
    let input = realPath(settings.input)
    for case let place? in places where isWithin(input, place) { throw .overlap(inputsPlace(escaped(place))) }
    let output = realPath(settings.output)
    for (index, place) in places.prefix(2).enumerated() {
      guard let place else { continue }
      if places[(index + 1)...].contains(place) || isWithin(place, output) || isWithin(output, place) {
        throw .overlap(overlap(escaped(place)))
      }
    }
  }

  private static func checkApart(
    done: Folder?, failed: Folder?, output: Folder, state: Folder
  ) throws(WatchError) {
    for (folder, others) in [(done, [failed, output, state]), (failed, [output, state])] {
      guard let folder else { continue }
      if others.contains(where: { $0?.identity == folder.identity }) || isWithin(folder, output)
        || isWithin(output, folder)
      {
        throw .overlap(overlap(folder.path))
      }
    }
  }

  /// Refuses status files in the place of what the watch rests on, which they would replace, or of each other.
  private static func checkStatusFiles(_ settings: WatchSettings) throws(WatchError) {
    let slash = UInt8(ascii: "/")
    let own = (ledgerFiles + [lockName]).map { settings.state + [slash] + $0 }
    let taken = Set((own + [settings.input + [slash] + WatchMarker.name]).map { realPath($0) })
    let files = [settings.statusPlace, settings.metricsFile].compactMap { $0.map { realPath($0) } }
    if let file = files.first(where: taken.contains) {
      throw .overlap(
        "the status or the metrics would replace \(escaped(file)), a file of the watcher's own: choose another file "
          + "(--status, --metrics)")
    }
    if files.count == 2, files[0] == files[1] {
      throw .overlap(
        "the status and the metrics would replace each other in \(escaped(files[0])): choose a file for each "
          + "(--status, --metrics)")
    }
  }

  /// Whether `folder` is `other` or lies in it, or is mounted from there.
  private static func isWithin(_ folder: Folder, _ other: Folder) -> Bool {
    if let place = FileSystemPlace(of: folder), let other = FileSystemPlace(of: other), place.isWithin(other)
    {
      return true
    }
    var ancestor: Folder? = folder
    while let current = ancestor {
      if current.identity == other.identity { return true }
      let parent = try? Folder(parentOf: current)
      ancestor = parent?.identity == current.identity ? nil : parent
    }
    return false
  }

  /// The same of real paths.
  static func isWithin(_ path: [UInt8], _ other: [UInt8]) -> Bool {
    let slash = UInt8(ascii: "/")
    return path == other || path.starts(with: other.last == slash ? other : other + [slash])
  }

  private static func inputsPlace(_ path: String) -> String {
    "\(path) is the watched folder or has it inside, so that its files would be taken for inputs: "
      + "choose another folder (it may lie inside the watched one)"
  }

  private static func overlap(_ path: String) -> String {
    "\(path) is to hold finished or failed inputs and something else as well: choose separate folders for outputs, "
      + "finished inputs, failed inputs and the state, none of inputs in that of outputs or around it"
  }

  private static func removeTemporaries(in folder: Folder) {
    var scan = FolderScan()
    var found: [RelativePath] = []
    for item in scan.items(in: folder) where TemporaryName.matches(item.path.name) { found.append(item.path) }
    for path in found { try? folder.folder(path.folder).removeAbandoned(path.name) }
  }
}

private func concerningInput<R>(_ body: () throws(FileError) -> R) throws(WatchError) -> R {
  do { return try body() } catch { throw .input(error) }
}

private func concerningOutput<R>(_ body: () throws(FileError) -> R) throws(WatchError) -> R {
  do { return try body() } catch { throw .output(error) }
}

private func concerningLedger<R>(_ body: () throws(LedgerError) -> R) throws(WatchError) -> R {
  do { return try body() } catch { throw .ledger(error) }
}
