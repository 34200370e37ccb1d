import Folders
import Foundation
import Ledger
package import Logging

extension WatchFolders {
  /// Opens the folders. While what an unmounted disk leaves stands in the output's place, the disk is waited for, and so is room
  /// on a full one, as a running watcher waits for them.
  ///
  /// - Returns: nil if `stop` was set meanwhile.
  package static func open(
    _ settings: WatchSettings, logger: Logger, manager: ServiceManager? = nil, stop: StopFlag
  ) async throws(WatchError) -> WatchFolders? {
    let vitals = Vitals(limit: settings.stallLimit)
    var heartbeat: Heartbeat?
    defer { _ = heartbeat }
    var waitsFor: WatchStatus.State?
    var pause: DiskPause?
    defer { if let waitsFor, stop.isSet { tell(settings, .stopped, isBare: waitsFor == .missing) } }
    while !stop.isSet {
      do throws(WatchError) {
        vitals.sign(of: Watcher.loop)
        if pause?.isOver(space: space(settings), at: .now) != false {
          let folders = try WatchFolders(settings)
          if !folders.isInputLocked {
            logger.warning(
              "cannot be locked, for its file system has no locks: see to it that no other watcher works there",
              metadata: ["folder": "\(folders.watched.folder.path)"])
          }
          return folders
        }
      } catch {
        let (state, reason): (WatchStatus.State, String)
        switch error {
        case .unmounted(let text): (state, reason) = (.missing, text)
        case .output(let cause) where cause.isDiskFull: (state, reason) = (.paused, "disk full: \(error)")
        case .ledger(.diskFull): (state, reason) = (.paused, "disk full: \(error)")
        default: throw error
        }
        pause =
          state == .paused
          ? DiskPause(reason: reason, space: space(settings), isAgain: waitsFor == .paused, at: .now) : nil
        if waitsFor != state {
          waitsFor = state
          logger.error(
            state == .paused ? "paused until there is room" : "waiting for the folder",
            metadata: ["reason": "\(error)"])
          // Ready all the same: a service manager that started it again would change nothing.
          manager?.notify("READY=1")
          manager?.notify("STATUS=\(state.rawValue): \(reason)")
          tell(settings, state, reason, isBare: state == .missing)
          heartbeat = heartbeat ?? Heartbeat(to: manager, vitals: vitals)
        }
      }
      try? await Task.sleep(for: .milliseconds(250))
    }
    return nil
  }

  /// Has the status files say how it stands while there is no watcher yet; a former one's last words may be in them. None of
  /// their folders is made, nor anything put into the place of an output folder that `isBare`: it would no longer pass for that.
  private static func tell(
    _ settings: WatchSettings, _ state: WatchStatus.State, _ reason: String? = nil, isBare: Bool
  ) {
    var status = WatchStatus(
      process: ProcessInfo.processInfo.processIdentifier, input: escaped(settings.input),
      output: escaped(settings.output), started: Date().formatted(.iso8601))
    (status.state, status.reason) = (state, reason)
    for (path, content) in [
      (settings.statusPlace, status.json), (settings.metricsFile, status.metrics),
    ] {
      guard let path, !isBare || !isWithin(realPath(path), realPath(settings.output)) else { continue }
      try? StatusFile(path, makesFolder: false).write(content)
    }
  }

  /// What is left on the disks of outputs and state, or where these will be made.
  private static func space(_ settings: WatchSettings) -> [DiskSpace?] {
    [settings.output, settings.state].map { (try? Folder.nearest(to: $0)).flatMap { DiskSpace(of: $0) } }
  }

  /// Refuses to take the bare place of an unmounted disk for the folder that outputs go to: the ledger would be empty
  /// there, and the outputs hidden as soon as the disk is back.
  static func checkMounted(_ output: [UInt8], input: Folder) throws(WatchError) {
    guard WatchMarker(in: input).knows(output) else { return }
    let isBare: Bool
    do throws(FileError) {
      isBare = try Folder(output).names().isEmpty
    } catch {
      guard error.isAbsence else { throw .output(error) }
      isBare = true
    }
    guard isBare else { return }
    throw .unmounted(
      "\(escaped(output)) is empty or not there, although outputs have gone there before: is its disk not mounted? "
        + "If it is to be a new folder, put any file into it")
  }
}
