import Folders
import Foundation
import Ledger
package import Logging
import ServiceLifecycle
import Synchronization

/// Watches a folder and has every picture that comes into it processed: once, whole, and whatever happens meanwhile.
///
/// One loop, woken by hints, by the clock and by finished work. What it does follows from what it sees in the folder
/// and from what the ledger says, never from events alone; so a kill at any moment costs at most the work in
/// progress.
package actor Watcher: Service {
  package let settings: WatchSettings
  let processor: any InputProcessor
  let logger: Logger
  let ledger: Ledger
  let mailbox = Mailbox()
  let stop: StopFlag
  let vitals: Vitals
  let manager: ServiceManager?
  let progress = Mutex<[RelativePath: Double]>([:])
  var folders: WatchFolders
  let statusFiles: [(file: StatusFile, content: @Sendable (WatchStatus) -> [UInt8])]

  /// Ends the process whatever is still under way.
  let abandon: (@Sendable () -> Void)?
  let makeEvents: MakeEvents
  let space: @Sendable () -> [DiskSpace?]

  var events: any FolderEvents
  var arrivals: Arrivals
  var pause: DiskPause?
  /// Nothing was written since a disk was full, which is said once however often writing is tried again.
  var isDiskFull = false
  /// Attempts that ended for no fault of the content, which the ledger does not count.
  var refusals: [RelativePath: Int] = [:]
  /// What is no input although it looks like one, each with its reason.
  var skipped: [RelativePath: String] = [:]
  /// What of the folder could not be read by the last full scan.
  var unlisted: [FileError] = []
  /// The kinds of the file systems that the last full scan has found folders on, by device.
  var kinds: [UInt64: FileSystemKind] = [:]
  /// Why a status file, by its index, could not be written the last time.
  var unwritten: [Int: FileError] = [:]
  /// Files that were given up and have stayed in the folder.
  var givenUp: [RelativePath: GivenUp] = [:]
  /// Finished or given up, but still in the folder: to be taken out at the next scan.
  var undisposed: [RelativePath: Undisposed] = [:]
  var status: WatchStatus
  var statusTime = ContinuousClock.now
  var nextScan = ContinuousClock.now
  var nextLook = ContinuousClock.now
  var nextCheck = ContinuousClock.now
  /// The first look at the folder is not over, so that what is found may have been there all the time.
  var isFirstLook = true
  /// Whether the ledger knows which folder is watched.
  var isAttached = false
  /// Starting until the first look at everything.
  var phase = Phase.starting
  /// Files that are worked on.
  var working = 0
  /// The watched folder or the output folder if it cannot be used now, and why.
  var missing: (folder: String, reason: String)?
  /// Something has happened since the last report.
  var isNews = true
  /// What ends the watch.
  var fatal: WatchError?
  /// When the end of work was first waited for.
  private var stoppingSince: ContinuousClock.Instant?

  /// Takes over the folders: nobody else works in them from now until the watcher is gone.
  ///
  /// The processor is one made with the ledger of `folders`; the watch ends when `stop` is set, hears of changes
  /// through what `makeEvents` gives, and asks `space` what is left of every disk concerned (nil: of those of `folders`).
  /// With `abandon`, which has to end the process, the end does not wait for work that takes no notice of it.
  ///
  /// - Throws: `output` when a status file cannot be made.
  package init(
    _ settings: WatchSettings, folders: WatchFolders, processor: any InputProcessor, logger: Logger,
    manager: ServiceManager? = nil, stop: StopFlag = StopFlag(),
    makeEvents: @escaping MakeEvents = systemEvents, space: (@Sendable () -> [DiskSpace?])? = nil,
    abandon: (@Sendable () -> Void)? = nil
  ) throws(WatchError) {
    self.settings = settings
    self.folders = folders
    self.processor = processor
    self.logger = logger
    self.manager = manager
    self.makeEvents = makeEvents
    self.stop = stop
    self.abandon = abandon
    self.space = space ?? folders.space
    ledger = folders.ledger
    vitals = Vitals(limit: settings.stallLimit)
    arrivals = Arrivals(settle: settings.settle)
    events = Polling()
    do {
      var files: [(StatusFile, @Sendable (WatchStatus) -> [UInt8])] = []
      let usual = StatusFile(folders.state, WatchSettings.statusName)
      files.append((try settings.statusFile.map(StatusFile.init) ?? usual, \.json))
      if let path = settings.metricsFile { files.append((try StatusFile(path), \.metrics)) }
      statusFiles = files
    } catch {
      throw .output(error)
    }
    status = WatchStatus(
      process: ProcessInfo.processInfo.processIdentifier, input: folders.watched.folder.path,
      output: folders.output.path, started: Date().formatted(.iso8601))
  }

  // MARK: The loop

  /// Watches until a graceful shutdown: then what is worked on is given back within moments, or finished if it is
  /// past computing.
  ///
  /// - Throws: `WatchError` when it cannot go on.
  package func run() async throws {
    let heartbeat = Heartbeat(to: manager, vitals: vitals)
    try await withGracefulShutdownHandler {
      try await watch()
    } onGracefulShutdown: { [self] in
      requestStop()
    }
    _ = heartbeat
  }

  /// Ends the watch as a graceful shutdown does; from anywhere, at once. What can no longer be recorded, for somebody else has
  /// the ledger locked, is what a kill would leave.
  package nonisolated func requestStop() {
    stop.set()
    ledger.endPatience()
    mailbox.wakeUp()
  }

  private func watch() async throws {
    let executor = WorkExecutor()
    let tick = min(.milliseconds(250), max(.milliseconds(10), settings.settle / 4))
    // One that keeps nothing of a file's work when it has ended, for there is no end of files.
    await withDiscardingTaskGroup { group in
      group.addTask { [mailbox] in
        while !Task.isCancelled {
          mailbox.wakeUp()
          try? await Task.sleep(for: tick)
        }
      }
      for await _ in mailbox.wakeups {
        vitals.sign(of: Self.loop)
        if stop.isSet || Task.isCancelled {
          stop.set()
          beginStopping()
          if working == 0 { break }
          abandonLateWork()
          continue
        }
        do throws(WatchError) {
          try turn()
        } catch {
          fatal = error
          requestStop()
          continue
        }
        while pause == nil, missing == nil, working < settings.jobs,
          let (path, observation) = arrivals.next()
        {
          let root = watched.folder
          let quiet = arrivals.all[path].map { .now - $0.changed } ?? .zero
          begin(path)
          group.addTask(executorPreference: executor) { [self] in
            let outcome = await processor.process(
              path, below: root, unchangedFor: quiet, course: course(of: path))
            await end(path, observation, below: root, outcome)
          }
        }
        report()
      }
      group.cancelAll()
    }
    finish()
    if let fatal { throw fatal }
  }

  static let loop = "the watcher"

  struct GivenUp {
    let reason: String
    /// In the ledger, for the content will not become any better.
    let isLasting: Bool
  }

  struct Undisposed {
    let departure: Departure
    /// Why it could not be taken out.
    let reason: String
  }

  enum Phase {
    case starting
    case watching
    case stopping
    case stopped
  }

  private func beginStopping() {
    guard phase != .stopping else { return }
    phase = .stopping
    stoppingSince = .now
    manager?.notify("STOPPING=1")
    logger.info("stopping")
    report(force: true)
  }

  /// Gives back the files whose work has not ended in time, and ends without it. What it has recorded or will record
  /// until the process is gone is what a kill would leave.
  private func abandonLateWork() {
    guard let abandon, let stoppingSince, .now - stoppingSince >= settings.stopLimit else { return }
    for path in progress.withLock({ $0.keys.sorted() }) {
      logger.warning("given back, for its work does not end", metadata: ["file": "\(path)"])
      try? ledger.release(path.bytes)
    }
    phase = .stopped
    report(force: true)
    abandon()
  }

  private func finish() {
    vitals.end(Self.loop)
    phase = .stopped
    report(force: true)
    ledger.close()
  }

  // MARK: Work

  private func begin(_ path: RelativePath) {
    working += 1
    isNews = true
    vitals.sign(of: path.description)
    progress.withLock { $0[path] = 0 }
    logger.debug("begins", metadata: ["file": "\(path)"])
  }

  /// Everything that the work on a file lets be heard is a sign of life. While it waits for others none is expected: they
  /// give theirs.
  private nonisolated func course(of path: RelativePath) -> WorkCourse {
    let name = path.description
    return WorkCourse(
      progress: { [self] share in
        vitals.sign(of: name)
        progress.withLock { $0[path] = share }
      },
      isCancelled: { [stop, vitals] in
        vitals.sign(of: name)
        return stop.isSet
      },
      waits: { [vitals] isWaiting in
        if isWaiting { vitals.end(name) } else { vitals.sign(of: name) }
      })
  }

  private func end(_ path: RelativePath, _ observation: Observation, below root: Folder, _ outcome: Outcome) {
    working -= 1
    isNews = true
    vitals.end(path.description)
    progress.withLock { _ = $0.removeValue(forKey: path) }
    do throws(WatchError) {
      let state = try settle(path, observation, below: root, outcome)
      if let state {
        arrivals.end(path, in: state, at: .now)
      } else {
        arrivals.endGone(path, at: .now)
      }
    } catch {
      arrivals.end(path, in: .ready, at: .now)
      fatal = error
      requestStop()
    }
    mailbox.wakeUp()
  }
}
