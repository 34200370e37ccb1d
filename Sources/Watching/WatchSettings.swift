/// What the user has chosen of a watcher; everything about pictures is the processor's.
package struct WatchSettings: Sendable {
  /// What happens to an input when its output is there.
  package enum Done: Sendable, Equatable {
    case keep
    /// Into this folder, below the same subfolders.
    case move([UInt8])
    case delete

    /// Where finished inputs go, if anywhere.
    package var folder: [UInt8]? {
      if case .move(let path) = self { path } else { nil }
    }
  }

  package var input: [UInt8]
  package var output: [UInt8]
  /// The folder of the ledger, the lock and the status file.
  package var state: [UInt8]
  package var done = Done.keep
  /// Where inputs go that are given up, each with its reason beside it; nil: they stay where they are.
  package var failed: [UInt8]?
  /// A status file elsewhere than in the state folder.
  package var statusFile: [UInt8]?
  /// Where to write metrics in Prometheus's text format.
  package var metricsFile: [UInt8]?

  /// How long a file must stay the same before it is read.
  package var settle: Duration = .seconds(2)
  /// How often everything is looked at whatever the events say.
  package var scanInterval: Duration = .seconds(60)
  /// The same, where events do not come.
  package var pollInterval: Duration = .seconds(2)
  /// Whether to do without events; nil: where the file system is a network's.
  package var polls: Bool?
  /// Files worked on at a time: one computes while another is decoded or written.
  package var jobs = 2
  /// Attempts at a file before it is given up, and the time before each further one; the last of them repeats.
  package var attempts = 3
  package var backoff: [Duration] = [.seconds(1), .seconds(10)]
  /// Without any progress for so long, the watcher no longer reports to the service manager that it lives.
  package var stallLimit: Duration = .seconds(300)
  /// How long the end waits for work that does not heed it, such as a plug-in's, where there is a way to end without it.
  package var stopLimit: Duration = .seconds(10)

  package init(input: [UInt8], output: [UInt8]) {
    self.input = input
    self.output = output
    state = Self.state(below: output)
  }

  /// Where the state is kept unless the user says otherwise.
  static func state(below output: [UInt8]) -> [UInt8] { output + [UInt8(ascii: "/")] + stateName }
  static let stateName = Array(".acuity".utf8)

  /// Where the status is written.
  var statusPlace: [UInt8] { statusFile ?? state + [UInt8(ascii: "/")] + Self.statusName }
  static let statusName = Array("status.json".utf8)

  func delay(afterAttempt attempt: Int) -> Duration {
    guard let last = backoff.last else { return .zero }
    return attempt - 1 < backoff.count ? backoff[max(0, attempt - 1)] : last
  }
}
