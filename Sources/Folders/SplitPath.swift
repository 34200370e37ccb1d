/// A path as the folder that it leads into, `.` if it names none, and the name in there, empty if it ends in a slash.
package func splitPath(_ path: [UInt8]) -> (folder: [UInt8], name: [UInt8]) {
  guard let last = path.lastIndex(of: slash) else { return ([dot], path) }
  return (last == 0 ? [slash] : Array(path[..<last]), Array(path[(last + 1)...]))
}
