#if os(Linux)
  import Foundation

  /// The system's queue of inotify's events, which drops what comes when it is full.
  public enum EventQueue {
    private static let length: Int = {
      let text = try? String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
      return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 16_384
    }()

    /// Whether it is short enough to be filled in a test.
    public static let canOverflow = length <= 1 << 18

    /// Makes more events in a folder than the queue takes: some are lost for certain while nobody reads.
    public static func overflow(_ folder: String) {
      // Two files by turns: equal events in a row would count as one.
      for _ in 0..<length / 2 + 1000 {
        for name in ["x.txt", "y.txt"] { close(open("\(folder)/\(name)", O_WRONLY | O_CREAT, 0o600)) }
      }
    }
  }
#endif
