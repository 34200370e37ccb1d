#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The absolute path without links, dots and doubled slashes; what is not there yet is taken as it would be made, below the
/// folder that is.
package func realPath(_ path: [UInt8]) -> [UInt8] {
  guard !path.contains(0) else { return path }
  if let resolved = unsafe path.withCString({ unsafe realpath($0, nil) }) {
    defer { unsafe free(resolved) }
    return unsafe Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }
  var trimmed = path
  while trimmed.count > 1, trimmed.last == slash { trimmed.removeLast() }
  let (folder, name) = splitPath(trimmed)
  guard folder.count < trimmed.count || folder == [dot], !name.isEmpty, trimmed != [dot] else { return path }
  let above = realPath(folder)
  if name == [dot] { return above }
  // Nothing is there yet, so that no link can lead elsewhere.
  if name == [dot, dot], above.first == slash { return splitPath(above).folder }
  return above.last == slash ? above + name : above + [slash] + name
}
