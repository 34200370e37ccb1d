/// What a watcher is about, as its status file says it (JSON, keys in snake case: `last_scan`) and as its metrics file does
/// (Prometheus's text format). File names are escaped, so that their bytes can be had back.
package struct WatchStatus: Sendable, Codable, Equatable {
  package enum State: String, Sendable, Codable, CaseIterable {
    case starting
    case watching
    /// Waiting for room on a disk.
    case paused
    /// The watched folder or the output folder is not there.
    case missing
    /// Finishing or giving back what it works on.
    case stopping
    case stopped
  }

  package struct Current: Sendable, Codable, Equatable {
    package var file: String
    /// The share of the computing that is done.
    package var progress: Double
  }

  package struct Problem: Sendable, Codable, Equatable {
    package var file: String
    package var reason: String

    package init(file: String, reason: String) {
      self.file = file
      self.reason = reason
    }
  }

  /// Of the status file's form.
  package var version = 1
  package var state = State.starting
  /// Why it is paused or missing.
  package var reason: String?
  /// Its identifier.
  package var process: Int32
  package var input: String
  package var output: String
  /// How changes are learned: `inotify`, `kqueue` or `polling`.
  package var method = ""
  /// ISO 8601, UTC.
  package var started: String
  package var updated: String
  package var lastScan: String?

  /// Since the start.
  package var done = 0
  package var failedAttempts = 0
  package var scans = 0
  /// Scans because events were lost or a folder was moved.
  package var rescans = 0

  /// Now.
  package var settling = 0
  package var queued = 0
  package var working: [Current] = []
  package var retrying = 0
  package var incomplete = 0
  /// In the ledger, over all runs.
  package var finished = 0
  /// Those given up: in the ledger, and until they are touched or the next start.
  package var quarantined = 0

  /// Folders that cannot be listed; inputs that are waited for, that failed or were given up and are still in the folder, and
  /// what was skipped; the first twenty.
  package var problems: [Problem] = []

  package init(process: Int32, input: String, output: String, started: String) {
    self.process = process
    self.input = input
    self.output = output
    self.started = started
    updated = started
  }
}

extension WatchStatus {
  /// Padded with white space to whole blocks, so that it can be written over in place when the disk is full.
  package var json: [UInt8] {
    let bytes = encoded(self)
    let room = (bytes.count + 4095) / 4096 * 4096
    return bytes + [UInt8](repeating: UInt8(ascii: "\n"), count: room - bytes.count)
  }

  /// See Prometheus's "exposition formats", text format 0.0.4.
  package var metrics: [UInt8] {
    var text = ""
    func metric(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: Int)]) {
      text += "# HELP acuity_watch_\(name) \(help)\n# TYPE acuity_watch_\(name) \(kind)\n"
      for sample in samples { text += "acuity_watch_\(name)\(sample.labels) \(sample.value)\n" }
    }
    metric(
      "up", "gauge", "1 while the watcher works or waits for files, 0 while it cannot.",
      [("", state == .watching ? 1 : 0)])
    metric(
      "state", "gauge", "1 for the state that the watcher is in.",
      State.allCases.map { ("{state=\"\($0.rawValue)\"}", $0 == state ? 1 : 0) })
    metric("done_total", "counter", "Inputs finished since the start.", [("", done)])
    metric(
      "failed_attempts_total", "counter", "Attempts that failed since the start.", [("", failedAttempts)])
    metric("scans_total", "counter", "Scans of the whole folder since the start.", [("", scans)])
    metric("rescans_total", "counter", "Scans because events were lost or folders moved.", [("", rescans)])
    metric(
      "inputs", "gauge", "Inputs in the folder that are not finished.",
      [
        ("{state=\"settling\"}", settling), ("{state=\"queued\"}", queued),
        ("{state=\"working\"}", working.count), ("{state=\"retrying\"}", retrying),
        ("{state=\"incomplete\"}", incomplete),
      ])
    metric("finished", "gauge", "Inputs finished over all runs.", [("", finished)])
    metric("quarantined", "gauge", "Inputs given up over all runs.", [("", quarantined)])
    return Array(text.utf8)
  }
}
