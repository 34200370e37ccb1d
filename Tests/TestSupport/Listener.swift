import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A service manager's end of the notification socket.
public final class Listener {
  /// As `NOTIFY_SOCKET` has it.
  public let path: String
  private let descriptor: Int32

  public struct Failed: Error {
    public let code: Int32
  }

  public init(abstract: Bool = false) throws {
    let name = "/tmp/acuity-\(UUID().uuidString.prefix(8))"
    path = abstract ? "@" + name : name
    #if canImport(Glibc)
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    #else
      descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = (abstract ? [0] : []) + Array(name.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count + (abstract ? 0 : 1))
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0 else { throw Failed(code: errno) }
  }

  deinit {
    _ = close(descriptor)
    if path.hasPrefix("/") { unlink(path) }
  }

  /// The next datagram; nil if none comes.
  public func receive(wait: Bool = true) -> String? {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, wait ? 20_000 : 0) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}
