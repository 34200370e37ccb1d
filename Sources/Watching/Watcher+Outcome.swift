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
    case .done:
      status.done += 1
      unreadFailures[path] = nil
      logger.info("done", metadata: ["file": "\(path)"])
      return disposeOfDone(path, observation, below: root)
    case .incomplete(let reason):
      logger.info("not complete yet", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .incomplete(reason: reason)
    case .unfinished(let reason, let rest):
      logger.info("not complete yet", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .incomplete(reason: reason, until: now + rest)
    case .changed:
      return .settling(since: now)
    case .givenUp(let reason):
      return disposeOfFailed(path, observation, below: root, reason: reason)
    case .held(let reason, let rest):
      logger.warning("held back", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return .retry(at: now + rest, reason: reason)
    case .failed(let reason):
      return try failed(path, observation, below: root, reason)
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

  private func failed(
    _ path: RelativePath, _ observation: Observation, below root: Folder, _ reason: String
  ) throws(WatchError) -> Arrivals.State? {
    status.failedAttempts += 1
    // While an output folder is gone, every file fails, and none by its own fault.
    guard folders.output.isStill(at: settings.output) else {
      return .retry(at: .now + settings.delay(afterAttempt: settings.attempts), reason: reason)
    }
    do throws(LedgerError) {
      let entry = try ledger.entry(for: path.bytes)
      let attempts: Int
      if let entry, entry.state == .failed {
        attempts = entry.attempts
      } else {
        attempts = unreadFailures[path, default: 0] + 1
        unreadFailures[path] = attempts
      }
      guard attempts >= settings.attempts else {
        let delay = settings.delay(afterAttempt: attempts)
        logger.warning(
          "attempt \(attempts) failed; another follows in \(delay)",
          metadata: ["file": "\(path)", "reason": "\(reason)"])
        return .retry(at: .now + delay, reason: reason)
      }
      if entry != nil { try ledger.quarantine(path.bytes, reason: reason) }
      logger.error(
        "given up after \(attempts) attempts", metadata: ["file": "\(path)", "reason": "\(reason)"])
      return disposeOfFailed(path, observation, below: root, reason: reason)
    } catch {
      return try without(ledger: error, .retry(at: .now + .seconds(1), reason: reason))
    }
  }

  // MARK: Taking inputs out of the folder

  func disposeOfDone(
    _ path: RelativePath, _ observation: Observation, below root: Folder
  ) -> Arrivals.State? {
    dispose(path) { () throws(FileError) in
      switch settings.done {
      case .keep: nil
      case .delete: try Disposal.delete(path, observation, below: root)
      case .move:
        try folders.done.map { done throws(FileError) in
          try Disposal.move(path, observation, below: root, to: done)
        }
      }
    }
  }

  func disposeOfFailed(
    _ path: RelativePath, _ observation: Observation, below root: Folder, reason: String
  ) -> Arrivals.State? {
    givenUp[path] = reason
    guard let target = folders.failed else { return .settled }
    let entry = try? ledger.entry(for: path.bytes)
    let note = FailureReason(
      path, reason: reason, attempts: entry?.attempts ?? unreadFailures[path] ?? 1,
      content: entry.map { "\($0.fingerprint.content)" }, size: observation.size)
    return dispose(path) { () throws(FileError) in
      try Disposal.move(path, observation, below: root, to: target, reason: note)
    }
  }

  /// A file that cannot be taken out stays, settled, and the next scan tries again.
  private func dispose(
    _ path: RelativePath, _ body: () throws(FileError) -> Disposal.Result?
  ) -> Arrivals.State? {
    undisposed.remove(path)
    do throws(FileError) {
      switch try body() {
      case nil: return .settled
      case .changed: return .settling(since: .now)
      case .gone: return nil
      }
    } catch {
      undisposed.insert(path)
      logger.warning(
        "cannot be taken out of the folder", metadata: ["file": "\(path)", "reason": "\(error)"])
    }
    return .settled
  }

  // MARK: Full disks

  func beginPause(_ reason: String) {
    guard pause == nil else { return }
    logger.error("paused until there is room", metadata: ["reason": "\(reason)"])
    pause = DiskPause(reason: reason, space: space(), at: .now)
    report(force: true)
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
    case .corrupt, .newer, .unusable:
      throw .ledger(error)
    }
  }
}
