import DequeModule
package import Folders

/// The files of a watched folder and how far each has come. Knows no clock, no disk and no engine: it is told what
/// is seen and when, and says what is to be looked at again and what may be worked on.
///
///     settling -> ready -> working -> settled
///                            |  ^
///                            v  |
///            incomplete, or a retry at a later time
///
/// A change of the file leads back to settling from everywhere. Nothing but a change, or a writer's close, ends `incomplete`
/// where the file is known to lack its end: a writer that pauses is waited for, however long.
package struct Arrivals: Sendable {
  package typealias Instant = ContinuousClock.Instant

  package enum State: Sendable, Equatable {
    /// Unchanged since then; not yet for long enough.
    case settling(since: Instant)
    /// In the queue.
    case ready
    case working
    /// Somebody is presumably still writing. It is looked at again when it changes; at that time too, if there is one.
    case incomplete(reason: String, until: Instant? = nil)
    /// Something else keeps it from being worked on; tried again at that time, or as soon as something happens to it.
    case unavailable(until: Instant, reason: String)
    /// It failed, and is tried again at that time.
    case retry(at: Instant, reason: String)
    /// Done, given up, or never an input; until it changes.
    case settled
  }

  package struct Arrival: Sendable, Equatable {
    package var observation: Observation
    package var state: State
    /// When it was last seen to change.
    package var changed: Instant
    /// Changed while it was worked on.
    var changedMeanwhile = false
  }

  /// How long a file must stay the same before it is read.
  package let settle: Duration
  package private(set) var all: [RelativePath: Arrival] = [:]
  /// In the order of becoming ready.
  private var queue = Deque<RelativePath>()
  /// Those that a clock moves on: settling or to be tried again.
  private var timed: Set<RelativePath> = []

  package init(settle: Duration) {
    self.settle = settle
  }

  // MARK: What is seen

  /// The file `path` is there and looks like `observation`.
  ///
  /// - Returns: whether that is news: a file that was not known, or a change.
  @discardableResult
  package mutating func see(_ path: RelativePath, _ observation: Observation, at now: Instant) -> Bool {
    guard var arrival = all[path] else {
      all[path] = Arrival(observation: observation, state: .settling(since: now), changed: now)
      timed.insert(path)
      return true
    }
    guard arrival.observation != observation else { return false }
    arrival.observation = observation
    arrival.changed = now
    if arrival.state == .working {
      arrival.changedMeanwhile = true
    } else {
      arrival.state = .settling(since: now)
      timed.insert(path)
    }
    all[path] = arrival
    return true
  }

  /// Something has happened to the file `path` that need not have changed how it looks: whoever wrote to it has closed it, or
  /// it may be read now. What waits for that waits no longer.
  package mutating func stir(_ path: RelativePath) {
    guard let arrival = all[path] else { return }
    switch arrival.state {
    case .incomplete, .unavailable:
      all[path]?.state = .settling(since: arrival.changed)
      timed.insert(path)
    case .retry, .settling, .ready, .working, .settled: break
    }
  }

  /// The file `path` is gone. While it is worked on, it stays known.
  package mutating func miss(_ path: RelativePath) {
    guard let arrival = all[path], arrival.state != .working else { return }
    all[path] = nil
    timed.remove(path)
  }

  // MARK: What time does

  /// The files that must be looked at again before they are ready.
  package var unsettled: [RelativePath] {
    timed.filter { if case .settling = all[$0]?.state { true } else { false } }
  }

  /// Puts into the queue what has stayed the same for long enough and what is due for another attempt.
  package mutating func advance(to now: Instant) {
    var due: [(since: Instant, path: RelativePath)] = []
    for path in timed {
      switch all[path]?.state {
      case .settling(let since) where now - since >= settle: due.append((since, path))
      case .retry(let time, _) where now >= time: due.append((time, path))
      case .unavailable(let time, _) where now >= time: due.append((time, path))
      case .incomplete(_, let time?) where now >= time: due.append((time, path))
      default: break
      }
    }
    // By time, then by name: a set's own order differs from run to run.
    for (_, path) in due.sorted(by: { ($0.since, $0.path) < ($1.since, $1.path) }) {
      all[path]?.state = .ready
      timed.remove(path)
      queue.append(path)
    }
  }

  // MARK: Work

  /// The next file to work on, which counts as being worked on from now.
  package mutating func next() -> (path: RelativePath, observation: Observation)? {
    while let path = queue.popFirst() {
      // Changed or gone since it was queued: then it is settling, or in the queue once more.
      guard let arrival = all[path], arrival.state == .ready else { continue }
      all[path]?.state = .working
      return (path, arrival.observation)
    }
    return nil
  }

  /// The work on `path` has ended in `state`; if the file changed meanwhile, it settles anew instead.
  package mutating func end(_ path: RelativePath, in state: State, at now: Instant) {
    guard var arrival = all[path] else { return }
    arrival.state = arrival.changedMeanwhile ? .settling(since: now) : state
    arrival.changedMeanwhile = false
    all[path] = arrival
    switch arrival.state {
    case .settling, .retry, .unavailable, .incomplete(_, .some): timed.insert(path)
    case .ready: queue.append(path)
    default: timed.remove(path)
    }
  }

  /// The work on `path` has ended, and it was taken out of the folder. Forgotten, so that the same file, should it be
  /// put back, is news; unless it changed meanwhile.
  package mutating func endGone(_ path: RelativePath, at now: Instant) {
    end(path, in: .settled, at: now)
    if all[path]?.state == .settled { all[path] = nil }
  }

  /// Takes `path` out of the running without work: it is known from an earlier run, or no input at all.
  package mutating func settle(_ path: RelativePath) {
    guard all[path]?.state != .working else { return }
    all[path]?.state = .settled
    timed.remove(path)
  }

  /// Forgets everything but what is worked on: the folder is another one now.
  package mutating func forget() {
    all = all.filter { $0.value.state == .working }
    queue = []
    timed = []
  }

  package var counts: Counts {
    var counts = Counts()
    for arrival in all.values {
      switch arrival.state {
      case .settling: counts.settling += 1
      case .ready: counts.ready += 1
      case .working: counts.working += 1
      case .incomplete: counts.incomplete += 1
      case .retry, .unavailable: counts.retrying += 1
      case .settled: counts.settled += 1
      }
    }
    return counts
  }

  package struct Counts: Sendable, Equatable {
    package var settling = 0
    package var ready = 0
    package var working = 0
    package var incomplete = 0
    package var retrying = 0
    package var settled = 0
  }
}
