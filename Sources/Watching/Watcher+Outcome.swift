import Folders
import Ledger
import Logging

/// What follows from an outcome.
extension Watcher {
  /// Does what is to be done after `outcome`, and says how the file stands then; nil: it is no longer there.
  func settle(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ outcome: Outcome
  ) throws(WatchError) -> Arrivals.State? {
    let now = ContinuousClock.now
    switch outcome {
    case .done where isStillWritten(path, below: root):
      let quiet = arrivals.all[path].map { now - $0.changed } ?? .zero
      let reason = "its output is made, but it stays as long as somebody has it open for writing"
      logger.info("not complete yet", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .incomplete(reason: reason, until: now + Completeness.rest(after: quiet))
    case .done:
      endFullDisk()
      status.done += 1
      refusals[path] = nil
      logger.info("done", metadata: ["file": "\(path)"])
      return dispose(path, observation, below: root, .done)
    case .incomplete(let reason):
      logger.info("not complete yet", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .incomplete(reason: reason)
    case .unfinished(let reason, let rest):
      logger.info("not complete yet", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .incomplete(reason: reason, until: now + rest)
    case .changed:
      return .settling(since: now)
    case .givenUp(let reason):
      logger.warning("was given up before", metadata: ["file": "\(path)", "reason": "\(reason)"])
      let entry = try? ledger.entry(for: path.bytes)
      return giveUp(path, observation, below: root, reason, attempts: entry?.attempts ?? 1, entry)
    case .held(let reason, let rest):
      logger.warning("held back", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .retry(at: now + rest, reason: reason)
    case .failed(let reason):
      endFullDisk()
      return try failed(path, observation, below: root, reason, isLasting: true)
    case .refused(let reason):
      return try failed(path, observation, below: root, reason, isLasting: false)
    case .unavailable(let reason):
      logger.warning("cannot be processed now", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .unavailable(until: now + settings.scanInterval, reason: reason)
    case .diskFull(let reason):
      beginPause(reason)
      return .ready
    case .released:
      return .ready
    }
  }

  /// Whether a finished input that is to go is still being written: what its writer has yet to say would go with it.
  private func isStillWritten(_ path: RelativePath, below root: Folder) -> Bool {
    settings.done != .keep && (try? root.folder(path.folder))?.isBeingWritten(path.name) == true
  }

  private func failed(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ reason: String, isLasting: Bool
  ) throws(WatchError) -> Arrivals.State? {
    status.failedAttempts += 1
    // While an output folder is gone, every file fails, and none by its own fault.
    guard folders.output.isStill(at: settings.output) else {
      return .retry(at: .now + settings.delay(afterAttempt: settings.attempts), reason: reason)
    }
    do throws(LedgerError) {
      let entry = try failedEntry(path, observation)
      let attempts: Int
      if isLasting, let entry {
        attempts = entry.attempts
      } else {
        attempts = refusals[path, default: 0] + 1
        refusals[path] = attempts
      }
      guard attempts >= settings.attempts else {
        let delay = settings.delay(afterAttempt: attempts)
        logger.warning(
          "attempt \(attempts) failed; another follows in \(delay)",
          metadata: ["file": "\(path)", "reason": "\(reason)"])
        return .retry(at: .now + delay, reason: reason)
      }
      let isRecorded = isLasting && entry != nil
      if isRecorded { try ledger.quarantine(path.bytes, reason: reason) }
      logger.error(
        "given up after \(attempts == 1 ? "1 attempt" : "\(attempts) attempts")\(isRecorded ? "" : ", until it is touched or the next start")",
        metadata: ["file": "\(path)", "reason": "\(reason)"])
      return giveUp(path, observation, below: root, reason, attempts: attempts, entry, isLasting: isRecorded)
    } catch {
      return try without(ledger: error, .retry(at: .now + .seconds(1), reason: reason))
    }
  }

  /// The ledger's row of an attempt at this very file that failed. One of a former file of the name says nothing of it.
  private func failedEntry(
    _ path: RelativePath, _ observation: Observation
  ) throws(LedgerError) -> LedgerEntry? {
    guard let entry = try ledger.entry(for: path.bytes), entry.state == .failed,
      entry.stamp.matches(LedgerEntry.Stamp(observation))
    else { return nil }
    return entry
  }

  /// Says why the file is no longer tried, and how it stands then; `entry` is the ledger's row of this very file, if there is
  /// one.
  private func giveUp(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ reason: String, attempts: Int,
    _ entry: LedgerEntry?, isLasting: Bool = true
  ) -> Arrivals.State? {
    givenUp[path] = GivenUp(reason: reason, isLasting: isLasting)
    let note = FailureReason(
      path, reason: reason, attempts: attempts, content: entry.map { "\($0.fingerprint.content)" },
      size: observation.size)
    return dispose(path, observation, below: root, .failed(note))
  }

  // MARK: Taking inputs out of the folder

  /// Why a file is to be taken out.
  enum Departure {
    case done
    case failed(FailureReason)
  }

  /// Does with a file what the settings say. What cannot be taken out stays, settled, and the next scan tries again.
  func dispose(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ departure: Departure
  ) -> Arrivals.State? {
    let former = undisposed.removeValue(forKey: path)
    do {
      switch try takeOut(path, observation, below: root, departure) {
      case nil: return .settled
      case .changed: return .settling(since: .now)
      case .gone: return nil
      }
    } catch {
      undisposed[path] = Undisposed(departure: departure, reason: "\(error)")
      if former?.reason != "\(error)" {
        logger.warning(
          "cannot be taken out of the folder", metadata: ["file": "\(path)", "reason": "\(error)"])
      }
    }
    return .settled
  }

  /// - Returns: nil if it is to stay.
  private func takeOut(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ departure: Departure
  ) throws -> Disposal.Result? {
    try folders.reopenForInputs()
    switch departure {
    case .failed(let note):
      return try folders.failed.map {
        try move(path, observation, below: root, to: $0, at: settings.failed, reason: note)
      }
    case .done:
      guard settings.done != .keep else { return nil }
      // Before it goes, for what comes under its name later must not take its output's place.
      try ledger.note(path.bytes, hasLeft: true)
      let result: Disposal.Result?
      do {
        result =
          switch settings.done {
          case .keep: nil
          case .delete: try Disposal.delete(path, observation, below: root)
          case .move:
            try folders.done.map {
              try move(path, observation, below: root, to: $0, at: settings.done.folder)
            }
          }
      } catch {
        // It may have gone all the same: what cannot be synced has been removed.
        let stays = (try? root.folder(path.folder).status(path.name)) != nil
        if stays { try ledger.note(path.bytes, hasLeft: false) }
        throw error
      }
      if result != .gone { try ledger.note(path.bytes, hasLeft: false) }
      return result
    }
  }

  /// Not into a folder that is open still but no longer at its `place`: with a disk that is being unmounted, the file would be
  /// out of sight.
  private func move(
    _ path: RelativePath, _ observation: Observation, below root: Folder, to folder: Folder,
    at place: [UInt8]?, reason: FailureReason? = nil
  ) throws -> Disposal.Result {
    guard place.map(folder.isStill) == true else {
      throw WatchError.unmounted(
        "\(folder.path) is not there, or is another folder now: is its disk not mounted? "
          + "If it is to be a new folder, start again")
    }
    return try Disposal.move(path, observation, below: root, to: folder, reason: reason, while: goesOn)
  }

  /// Asked while a file is copied onto another disk, which holds the loop up: it lives, and heeds the end.
  private func goesOn() -> Bool {
    vitals.sign(of: Self.loop)
    return !stop.isSet
  }

  // MARK: Full disks

  func beginPause(_ reason: String) {
    guard pause == nil else { return }
    if !isDiskFull { logger.error("paused until there is room", metadata: ["reason": "\(reason)"]) }
    pause = DiskPause(reason: reason, space: space(), isAgain: isDiskFull, at: .now)
    isDiskFull = true
    report(force: true)
  }

  /// Something was written; during a pause that was begun before it.
  private func endFullDisk() {
    guard isDiskFull, pause == nil else { return }
    isDiskFull = false
    logger.notice("going on after the disk was full")
  }

  /// After the ledger failed: a full disk is waited for, another process in it too; the rest ends the watch.
  func without<Result>(ledger error: LedgerError, _ result: Result) throws(WatchError) -> Result {
    switch error {
    case .diskFull(let path):
      beginPause("no space left for the ledger \(path)")
      return result
    case .locked:
      logger.warning("\(error)")
      return result
    case .corrupt, .foreign, .newer, .unshareable, .unusable:
      throw .ledger(error)
    }
  }
}
