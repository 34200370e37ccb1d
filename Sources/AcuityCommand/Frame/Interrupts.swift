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
/// with 130. The second one ends the process on the spot: outputs appear under their names only when they are whole.
enum Interrupts {
  private static let count = Atomic(0)
  /// The pipe by which the handler calls for what has to be done before the end on the spot; -1 where there is nothing.
  private static let alarm = Atomic<Int32>(-1)

  /// Whether the user wants to stop. Cheap; callable from any thread.
  static var areRaised: Bool { count.load(ordering: .relaxed) > 0 }

  /// Counts one more; returns how many there were before.
  fileprivate static func raise() -> Int {
    count.wrappingAdd(1, ordering: .relaxed).oldValue
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

  /// Takes the signals over from the system.
  static func install() {
    // The counter and the pipe's place exist from here on, so that the handler does not have to make them.
    _ = (areRaised, alarm.load(ordering: .relaxed))
    for number in [SIGINT, SIGTERM] { signal(number, note) }
    // 1 is SIG_IGN, which has no name that could be compared with.
    if unsafeBitCast(signal(SIGHUP, note), to: Int.self) == 1 { signal(SIGHUP, SIG_IGN) }
  }
}

/// The signal handler: it may do no more than count and write a byte.
private func note(_ number: Int32) {
  let before = Interrupts.raise()
  if before == 0 || (before == 1 && Interrupts.ringAlarm()) { return }
  _exit(ExitStatus.interrupted.rawValue)
}
