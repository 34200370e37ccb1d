import Folders
import Foundation
import Ledger
import Logging

/// What is there: the loop's eyes.
extension Watcher {
  /// One turn of the loop: looks wherever it is time to look.
  func turn() throws(WatchError) {
    let now = ContinuousClock.now
    if now >= nextCheck {
      nextCheck = now + .seconds(1)
      try checkFolders()
    }
    if let pause, pause.isOver(space: space(), at: now) {
      endPause()
    }
    let hints = mailbox.take()
    guard missing == nil else { return }
    do throws(LedgerError) {
      if let reason = Self.reasonToScan(hints) {
        logger.notice("scanning everything", metadata: ["reason": "\(reason)"])
        status.rescans += 1
        try scan()
      } else if now >= nextScan {
        try scan()
      } else {
        for hint in hints { try follow(hint) }
      }
      if now >= nextLook {
        nextLook = now + settings.settle / 4
        for path in arrivals.unsettled { try look(at: path) }
      }
    } catch {
      try without(ledger: error, ())
    }
    arrivals.advance(to: .now)
    if phase == .starting { becomeReady() }
  }

  private static func reasonToScan(_ hints: Set<Hint>) -> String? {
    let reasons = hints.compactMap { if case .everything(let reason) = $0 { reason } else { nil } }
    return reasons.min()
  }

  func becomeReady() {
    phase = .watching
    logger.info("watching", metadata: ["folder": "\(watched.folder.path)", "by": "\(events.method)"])
    manager?.notify("READY=1")
    report(force: true)
  }

  // MARK: Looking

  /// Looks at everything.
  private func scan() throws(LedgerError) {
    let wasReliable = events.isReliable
    let formerKinds = kinds
    kinds = [:]
    var scan = newScan()
    let items = scan.items(in: watched.folder)
    events.forgetOthers()
    for problem in scan.problems where !unlisted.contains(problem) { logger.warning("\(problem)") }
    unlisted = scan.problems
    var seen: Set<RelativePath> = []
    for item in items {
      seen.insert(item.path)
      try consider(item.path, item.status)
    }
    isFirstLook = false
    for path in arrivals.all.keys where !seen.contains(path) { arrivals.miss(path) }
    skipped = skipped.filter { seen.contains($0.key) }
    refusals = refusals.filter { seen.contains($0.key) }
    givenUp = givenUp.filter { seen.contains($0.key) }
    disposeAgain()
    status.scans += 1
    status.lastScan = Date().formatted(.iso8601)
    isNews = true
    var isShared = false
    if events.isReliable, settings.polls == nil {
      for case (let device, .shared(let type)) in kinds {
        isShared = true
        guard formerKinds[device] == nil else { continue }
        logger.notice(
          "polling, for in a part of the folder events do not tell what other machines do",
          metadata: ["type": "\(type)"])
      }
    }
    if wasReliable { tellIfPolled() }
    nextScan = .now + (events.isReliable && !isShared ? settings.scanInterval : settings.pollInterval)
  }

  private func tellIfPolled() {
    guard !events.isReliable else { return }
    logger.warning("events are incomplete, so the folder is polled; \(events.advice)")
    nextScan = min(nextScan, .now + settings.pollInterval)
  }

  private func newScan() -> FolderScan {
    var scan = FolderScan(excluded: folders.excluded)
    scan.willList = { [self] folder, path in
      events.watch(folder, at: path)
      vitals.sign(of: Self.loop)
      let device = folder.identity.device
      if kinds[device] == nil { kinds[device] = FileSystemKind(of: folder) }
    }
    return scan
  }

  private func follow(_ hint: Hint) throws(LedgerError) {
    switch hint {
    case .entry(let folder, let name):
      guard let path = folder.map({ $0.appending(name) }) ?? RelativePath(name) else { return }
      try look(at: path)
      arrivals.stir(path)
    case .folder(let path):
      guard let folder = try? watched.folder.folder(path) else { return }
      try consider(folder, at: path)
    case .everything:
      break
    }
  }

  /// Looks at one entry, whatever it is.
  private func look(at path: RelativePath) throws(LedgerError) {
    guard let folder = try? watched.folder.folder(path.folder),
      let status = try? folder.status(path.name)
    else { return arrivals.miss(path) }
    guard status.kind == .folder else { return try consider(path, status) }
    arrivals.miss(path)
    guard path.name.first != UInt8(ascii: "."), !folders.excluded.contains(status.identity),
      let below = try? watched.folder.folder(path)
    else { return }
    try consider(below, at: path)
  }

  /// Looks at a folder and all below that is not reported on by itself.
  private func consider(_ folder: Folder, at path: RelativePath?) throws(LedgerError) {
    let wasReliable = events.isReliable
    var scan = newScan()
    scan.enters = { [events] in !events.reports(on: $0, at: $1) }
    for item in scan.items(in: folder, at: path) { try consider(item.path, item.status) }
    if wasReliable { tellIfPolled() }
  }

  /// An entry that is no folder.
  private func consider(_ path: RelativePath, _ status: FileStatus) throws(LedgerError) {
    if let original = Disposal.original(of: path), status.kind == .file {
      try? Disposal.giveBack(path, below: watched.folder)
      return mailbox.post(.entry(folder: original.folder, name: original.name))
    }
    guard InputNames.accepts(path) else {
      if let reason = InputNames.reasonToMention(path) ?? reasonNotToFollow(path, status) {
        skip(path, reason)
      } else {
        skipped[path] = nil
      }
      return
    }
    guard status.kind == .file else {
      arrivals.miss(path)
      return skip(path, "it is a \(status.kind), not a regular file")
    }
    skipped[path] = nil
    let observation = Observation(status)
    let isKnown = arrivals.all[path] != nil
    guard arrivals.see(path, observation, at: .now) else { return }
    isNews = true
    refusals[path] = nil
    givenUp[path] = nil
    // What comes later is another file, whatever it looks like.
    if !isKnown, isFirstLook, let entry = try ledger.entry(for: path.bytes), isFinal(entry, observation) {
      arrivals.settle(path)
      if entry.state == .quarantined {
        let reason = entry.reason ?? "an earlier run gave it up"
        givenUp[path] = GivenUp(reason: reason, isLasting: true)
        logger.warning("was given up before", metadata: ["file": "\(path)", "reason": "\(reason)"])
      }
    }
  }

  /// Why the pictures that a link leads to are none of this folder; nil if it leads to no folder, or to one that is in this one,
  /// or the watcher's own.
  private func reasonNotToFollow(_ path: RelativePath, _ status: FileStatus) -> String? {
    guard status.kind == .symbolicLink, path.name.first != UInt8(ascii: "."),
      let folder = try? watched.folder.folder(path.folder),
      let target = try? folder.status(path.name, followingLinks: true),
      target.kind == .folder, !folders.excluded.contains(target.identity),
      !WatchFolders.isWithin(
        realPath(settings.input + [UInt8(ascii: "/")] + path.bytes), realPath(settings.input))
    else { return nil }
    return "it is a link to a folder, which is not followed: watch that folder by itself"
  }

  private func skip(_ path: RelativePath, _ reason: String) {
    guard skipped.updateValue(reason, forKey: path) == nil else { return }
    isNews = true
    logger.warning("skipped", metadata: ["file": "\(path)", "reason": "\(reason)"])
  }

  /// Whether an earlier run has said the last word about this very file. Its size and times tell as long as it stays where
  /// it is. Before it is taken out of the folder its content has to tell, and that of its output: so such a file is
  /// worked on, which comes to its end soon if there is nothing to be done.
  private func isFinal(_ entry: LedgerEntry, _ observation: Observation) -> Bool {
    guard entry.stamp.matches(LedgerEntry.Stamp(observation)),
      entry.fingerprint.model == processor.model, entry.fingerprint.options == processor.options
    else { return false }
    switch entry.state {
    case .quarantined: return settings.failed == nil && entry.heldUntil == nil
    // A finished input that is kept stays finished, though its output was taken away; one that has left was another file.
    case .done: return settings.done == .keep && !entry.hasLeft
    case .pending, .running, .failed: return false
    }
  }

  private func disposeAgain() {
    for (path, file) in undisposed.sorted(by: { $0.key < $1.key }) {
      guard let arrival = arrivals.all[path], arrival.state == .settled else {
        undisposed[path] = nil
        continue
      }
      if dispose(path, arrival.observation, below: watched.folder, file.departure) == nil {
        arrivals.miss(path)
      }
    }
  }
}
