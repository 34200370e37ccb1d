import Logging

/// The watcher's log as messages of the command: `file: message: reason` for people, fields for programs.
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let fields = all.mapValues { "\($0)" }
    var text = fields["file"].map { "\($0): " } ?? ""
    text += "\(event.message)"
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name != "file" {
      text += name == "reason" ? ": \(value)" : " (\(name) \(value))"
    }
    Console.report(Self.level(event.level), text, fields)
  }

  private static func level(_ level: Logger.Level) -> Console.Level {
    switch level {
    case .trace, .debug, .info, .notice: .info
    case .warning: .warning
    case .error, .critical: .error
    }
  }
}
