import Folders
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The user's wish to stop: SIGINT and SIGTERM, and SIGHUP where the terminal's end does not have to be survived (nohup).
///
/// The first one is noted, and the work in hand sees it (`RunOptions.isCancelled`) and cleans up; the command then ends
/// with 130. The second one ends the process on the spot: outputs appear under their names only when they are whole. The
/// same signal at the same moment is one: `timeout` sends it to the process and to its group.
enum Interrupts {
  private static let count = Atomic(0)
  /// The last one, see `moment`.
  private static let last = Atomic<UInt64>(0)
  /// The pipe by which the handler calls for what has to be done before the end on the spot; -1 where there is nothing.
  private static let alarm = Atomic<Int32>(-1)

  /// Whether the user wants to stop. Cheap; callable from any thread.
  static var areRaised: Bool { count.load(ordering: .relaxed) > 0 }

  /// Counts one more; returns how many there were before, nil if it is the last one again.
  fileprivate static func raise(_ number: Int32) -> Int? {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let moment = moment(of: number, at: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec))
    let before = last.exchange(moment, ordering: .relaxed)
    return isEcho(moment, of: before) ? nil : count.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  /// When a signal came, and in the lowest bits which it was.
  static func moment(of number: Int32, at nanoseconds: UInt64) -> UInt64 {
    nanoseconds / 64 * 64 + UInt64(number) % 64
  }

  /// Whether it is the same signal as the one before, and at the same moment: also a little earlier, where two threads have
  /// got one each.
  static func isEcho(_ moment: UInt64, of before: UInt64) -> Bool {
    moment % 64 == before % 64 && moment < before + 50_000_000
  }

  /// Calls for what has to be done before the end; false if there is nothing.
  fileprivate static func ringAlarm() -> Bool {
    var byte: UInt8 = 0
    let pipe = alarm.load(ordering: .acquiring)
    return pipe >= 0 && write(pipe, &byte, 1) == 1
  }

  /// Has `work` done at the second signal, before the process ends; a third one does not wait for it. On a thread of its
  /// own, since a signal's handler may do next to nothing.
  static func beforeEndingOnTheSpot(_ work: @escaping @Sendable () -> Void) throws(FileError) {
    let pipe = try Descriptor.pipe()
    Thread.detachNewThread {
      // Until something comes, which is the one byte.
      _ = try? Descriptor.read(pipe.read, name: "the signal's pipe", limit: 0)
      work()
      _exit(ExitStatus.interrupted.rawValue)
    }
    alarm.store(pipe.write, ordering: .releasing)
  }

  /// Ends the process without waiting for anything that it does.
  static func endOnTheSpot(_ status: ExitStatus) -> Never { _exit(status.rawValue) }

  static func check() throws(CancellationError) {
    if areRaised { throw CancellationError() }
  }

  /// Takes the signals over from the system. Work does not end with the reader of its messages, either: that one is gone is
  /// an error of writing like others.
  static func install() {
    signal(SIGPIPE, SIG_IGN)
    // The counters and the pipe's place exist from here on, so that the handler does not have to make them.
    _ = (areRaised, alarm.load(ordering: .relaxed), last.load(ordering: .relaxed))
    for number in [SIGINT, SIGTERM] { signal(number, note) }
    // 1 is SIG_IGN, which has no name that could be compared with.
    if unsafeBitCast(signal(SIGHUP, note), to: Int.self) == 1 { signal(SIGHUP, SIG_IGN) }
  }
}

/// The signal handler: it may do no more than count and write a byte.
private func note(_ number: Int32) {
  guard let before = Interrupts.raise(number) else { return }
  if before == 0 || (before == 1 && Interrupts.ringAlarm()) { return }
  _exit(ExitStatus.interrupted.rawValue)
}
