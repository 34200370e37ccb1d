import Folders
import Foundation
import Ledger
import Logging
import Synchronization

/// What others are told.
extension Watcher {
  /// Brings the status files up to date, at most once a second unless `force`.
  func report(force: Bool = false) {
    let now = ContinuousClock.now
    guard force || (isNews || working > 0) && now - statusTime >= .seconds(1) else { return }
    statusTime = now
    isNews = false
    update()
    status.updated = Date().formatted(.iso8601)
    for (index, (file, content)) in statusFiles.enumerated() {
      do {
        try file.write(content(status))
        unwritten[index] = nil
      } catch {
        guard unwritten.updateValue(error, forKey: index) != error else { continue }
        logger.warning("\(error)")
      }
    }
    manager?.notify("STATUS=\(summary)")
  }

  private func update() {
    let counts = arrivals.counts
    status.settling = counts.settling
    status.queued = counts.ready
    status.retrying = counts.retrying
    status.incomplete = counts.incomplete
    status.working = progress.withLock { progress in
      progress.sorted { $0.key < $1.key }.map {
        WatchStatus.Current(file: "\($0.key)", progress: ($0.value * 1000).rounded() / 1000)
      }
    }
    if let counts = try? ledger.counts() {
      status.finished = counts[.done] ?? 0
      status.quarantined = (counts[.quarantined] ?? 0) + givenUp.values.count { !$0.isLasting }
    }
    status.problems = problems
    (status.state, status.reason) = state
  }

  private var state: (WatchStatus.State, reason: String?) {
    switch phase {
    case .stopped: (.stopped, fatal?.description)
    case .stopping: (.stopping, fatal?.description)
    case .starting, .watching:
      if let missing {
        (.missing, missing.reason)
      } else if let pause {
        (.paused, "disk full: \(pause.reason)")
      } else {
        (phase == .starting ? .starting : .watching, nil)
      }
    }
  }

  private var problems: [WatchStatus.Problem] {
    var reasons = skipped
    for (path, file) in undisposed {
      reasons[path] = "cannot be taken out of the folder: \(file.reason)"
    }
    for (path, arrival) in arrivals.all {
      switch arrival.state {
      case .incomplete(let reason, _): reasons[path] = "not complete yet: \(reason)"
      case .retry(_, let reason), .unavailable(_, let reason): reasons[path] = reason
      case .settled: reasons[path] = givenUp[path]?.reason ?? reasons[path]
      default: break
      }
    }
    let all =
      unlisted.map { WatchStatus.Problem(file: $0.path, reason: $0.description) }
      + reasons.sorted { $0.key < $1.key }.map { WatchStatus.Problem(file: "\($0.key)", reason: $0.value) }
    return Array(all.prefix(20))
  }

  private var summary: String {
    let waiting = status.settling + status.queued + status.retrying + status.incomplete
    let text =
      "\(status.state.rawValue): \(status.done) done, \(status.working.count) in work, \(waiting) waiting"
    return status.reason.map { "\(text) (\($0))" } ?? text
  }
}

extension Watcher {
  /// How many of the folder's files stand where.
  package var arrivalCounts: Arrivals.Counts { arrivals.counts }

  /// Whether the loop and all work have given signs of life of late.
  package var isAlive: Bool { vitals.areGood() }

  /// Whether the first look at everything is over.
  package var isWatching: Bool { phase == .watching }

  /// Tries at once whether a full disk has room again.
  func endPause() {
    guard pause != nil else { return }
    pause = nil
    isNews = true
  }
}
