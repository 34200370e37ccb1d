import Folders
import Ledger
import Logging

/// The folders themselves: whether they are still those that are open.
extension Watcher {
  var watched: WatchedFolder { folders.watched }

  func checkFolders() throws(WatchError) {
    var found = folders.watched
    switch found.check() {
    case .missing(let reason):
      return becomeMissing(watched.folder.path, reason)
    case .replaced:
      logger.notice("another folder is in its place now", metadata: ["folder": "\(watched.folder.path)"])
      try folders.take(found)
      isAttached = false
      arrivals.forget()
      isFirstLook = true
      startEvents()
      nextScan = .now
    case .same:
      folders.watched = found
    }
    if let reason = try reasonToWaitForOutput() { return becomeMissing(folders.output.path, reason) }
    // Rather than go on with an empty one: the work in hand is given back, and a start knows what to do without a ledger.
    if folders.hasLostLedger { throw .ledgerLost(path: escaped(ledger.path.utf8)) }
    folders.watched.mark(settings.output, folders.output)
    try attachLedger()
    try folders.reopenForInputs()
    if let (folder, _) = missing {
      logger.notice("the folder is back", metadata: ["folder": "\(folder)"])
      missing = nil
      isNews = true
      nextScan = .now
    }
    if status.method.isEmpty { startEvents() }
  }

  /// Tells the ledger which folder it is, so that a picture of another one that was here before does not pass for the former
  /// content of one that has the same name here.
  private func attachLedger() throws(WatchError) {
    guard !isAttached else { return }
    do throws(LedgerError) {
      try ledger.attach(toInputs: watched.identity)
      isAttached = true
    } catch {
      try without(ledger: error, ())
    }
  }

  /// Nil if the output folder is still the one that is open. Another one may be the bare place of an unmounted disk, where
  /// outputs would be hidden as soon as the disk is back.
  private func reasonToWaitForOutput() throws(WatchError) -> String? {
    let output = folders.output
    if output.isStill(at: settings.output) { return nil }
    guard let other = try? Folder(settings.output) else {
      return "the output folder \(output.path) is not there"
    }
    let isWatchers = (try? other.status(WatchSettings.stateName)) != nil
    if isWatchers { throw .replaced(folder: output.path) }
    return "another folder is at \(output.path) now: is its disk not mounted? "
      + "To have outputs go there, put any file into it and start again"
  }

  private func becomeMissing(_ folder: String, _ reason: String) {
    guard missing?.reason != reason else { return }
    logger.error("waiting for the folder", metadata: ["reason": "\(reason)"])
    missing = (folder, reason)
    // Ready all the same: it waits, and a service manager that started it again would change nothing.
    if phase == .starting { becomeReady() } else { report(force: true) }
  }

  /// Chooses how to learn of changes.
  private func startEvents() {
    events = Polling()
    defer { status.method = events.method }
    if settings.polls == true { return }
    if settings.polls == nil, case .shared(let type) = FileSystemKind(of: watched.folder) {
      logger.notice("polling, for events do not tell what other machines do", metadata: ["type": "\(type)"])
      return
    }
    do throws(FileError) {
      events = try makeEvents(mailbox)
    } catch {
      logger.warning("polling: \(error)")
    }
  }
}
