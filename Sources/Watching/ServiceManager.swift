import Dispatch
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The client's side of systemd's notifications (sd_notify(3)): datagrams of `NAME=value` lines to the socket that
/// `NOTIFY_SOCKET` names. Our own, for it is one call, and libsystemd would be a dependency for it.
package final class ServiceManager: Sendable {
  private let socket: Int32
  private let address: sockaddr_un
  private let addressLength: socklen_t
  /// How often a sign of life is expected; nil: never.
  package let watchdog: Duration?

  /// `nil` without a service manager, or with one that is reached in another way.
  package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    guard let path = environment["NOTIFY_SOCKET"].map({ Array($0.utf8) }), let first = path.first,
      first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
    else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard path.count < room.count else { return false }
      room.copyBytes(from: path)
      // An at sign stands for the zero byte that begins a name outside the file system.
      if first == UInt8(ascii: "@") { room[0] = 0 }
      return true
    }
    guard fits, let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) else { return nil }
    self.address = address
    // A name outside the file system ends with the address, one inside it with a zero byte.
    addressLength = socklen_t(offset + path.count + (first == UInt8(ascii: "@") ? 0 : 1))
    #if canImport(Glibc)
      let kind = Int32(SOCK_DGRAM.rawValue)
    #else
      let kind = SOCK_DGRAM
    #endif
    let socket = systemSocket(kind)
    guard socket >= 0 else { return nil }
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    self.socket = socket
    watchdog = Self.watchdog(environment)
  }

  deinit {
    _ = close(socket)
  }

  /// Sends `state`, such as `READY=1`. Nobody listening is no error of ours.
  package func notify(_ state: String) {
    var address = address
    let bytes = Array(state.utf8)
    // A service manager that does not read must not hold up the work.
    let flags = Int32(MSG_DONTWAIT)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        sendto(socket, bytes, bytes.count, flags, pointer, addressLength)
      }
    }
  }

  private static func watchdog(_ environment: [String: String]) -> Duration? {
    guard let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init), microseconds > 0 else {
      return nil
    }
    if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
    return .microseconds(microseconds)
  }
}

private func systemSocket(_ kind: Int32) -> Int32 {
  socket(AF_UNIX, kind, 0)
}

/// Tells the service manager at a steady pace that all is well, as long as it is. On a queue of its own: no
/// computation, however long, can hold it up.
///
/// Unchecked because not every platform declares that its dispatch sources may be used from any thread.
package final class Heartbeat: @unchecked Sendable {
  private let timer: any DispatchSourceTimer

  /// Three beats in the time in which one is expected.
  package init?(to manager: ServiceManager?, vitals: Vitals) {
    guard let manager, let interval = manager.watchdog else { return nil }
    let timer = DispatchSource.makeTimerSource(
      queue: DispatchQueue(label: "acuity.heartbeat", qos: .userInteractive))
    let pause = max(interval / 3, .milliseconds(1))
    let nanoseconds = Int(min(pause / .nanoseconds(1), 1e18))
    timer.schedule(deadline: .now(), repeating: .nanoseconds(nanoseconds))
    timer.setEventHandler { if vitals.areGood() { manager.notify("WATCHDOG=1") } }
    timer.activate()
    self.timer = timer
  }

  deinit {
    timer.cancel()
  }
}
