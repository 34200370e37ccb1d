import Folders
import Foundation
package import Logging

extension WatchFolders {
  /// Opens the folders. While what an unmounted disk leaves stands in the output's place, the disk is waited for, as a
  /// running watcher waits for it.
  ///
  /// - Returns: nil if `stop` was set meanwhile.
  package static func open(
    _ settings: WatchSettings, logger: Logger, manager: ServiceManager? = nil, stop: StopFlag
  ) async throws(WatchError) -> WatchFolders? {
    let vitals = Vitals(limit: settings.stallLimit)
    var heartbeat: Heartbeat?
    defer { _ = heartbeat }
    var isWaiting = false
    defer { if isWaiting, stop.isSet { tell(settings, .stopped) } }
    while !stop.isSet {
      do throws(WatchError) {
        let folders = try WatchFolders(settings)
        if !folders.isInputLocked {
          logger.warning(
            "cannot be locked, for its file system has no locks: see to it that no other watcher works there",
            metadata: ["folder": "\(folders.watched.folder.path)"])
        }
        return folders
      } catch {
        guard case .unmounted(let reason) = error else { throw error }
        vitals.sign(of: Watcher.loop)
        if !isWaiting {
          isWaiting = true
          logger.error("waiting for the folder", metadata: ["reason": "\(reason)"])
          // Ready all the same: a service manager that started it again would change nothing.
          manager?.notify("READY=1")
          manager?.notify("STATUS=\(WatchStatus.State.missing.rawValue): \(reason)")
          tell(settings, .missing, reason)
          heartbeat = Heartbeat(to: manager, vitals: vitals)
        }
      }
      try? await Task.sleep(for: .milliseconds(250))
    }
    return nil
  }

  /// Has the status files say how it stands while there is no watcher yet; a former one's last words may be in them. None of
  /// their folders is made, nor anything put into the place of the output folder: it would no longer pass for bare.
  private static func tell(_ settings: WatchSettings, _ state: WatchStatus.State, _ reason: String? = nil) {
    var status = WatchStatus(
      process: ProcessInfo.processInfo.processIdentifier, input: escaped(settings.input),
      output: escaped(settings.output), started: Date().formatted(.iso8601))
    (status.state, status.reason) = (state, reason)
    for (path, content) in [
      (settings.statusPlace, status.json), (settings.metricsFile, status.metrics),
    ] {
      guard let path, !isWithin(realPath(path), realPath(settings.output)) else { continue }
      try? StatusFile(path, makesFolder: false).write(content)
    }
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
