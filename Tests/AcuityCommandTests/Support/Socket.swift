import Foundation

/// Leaves a socket that nobody listens to as `name` in a folder.
func makeSocket(_ name: String, in folder: String) throws {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  // The whole path may be too long for a socket's address; this one leads to the same folder.
  let link = "/tmp/acuity-\(UUID().uuidString.prefix(8))"
  try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
  defer { try? FileManager.default.removeItem(atPath: link) }
  let short = "\(link)/\(name)"
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(short.utf8)) }
  #if canImport(Darwin)
    let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
  #else
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  #endif
  defer { close(descriptor) }
  let bound = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard bound == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
