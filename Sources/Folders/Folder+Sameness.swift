#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which names are one to a file system is its own affair: some fold letter case, by tables of their own, some compose
/// accents, some do both or neither, and each folder may differ. So the file system is asked.
extension Folder {
  /// Whether the absolute paths `a` and `b`, free of links, lead to one file, or would if it were there. Asked by making a
  /// temporary file in the nearest folder there is and looking for it under another name.
  package static func isOnePath(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    let (ours, others) = (a.split(separator: slash), b.split(separator: slash))
    return ours.count == others.count
      && ours.indices.allSatisfy { index in
        let (name, other) = (Array(ours[index]), Array(others[index]))
        let above = [slash] + ours[..<index].joined(separator: [slash])
        return name == other || (try? nearest(to: above))?.takesForOne(name, other) == true
      }
  }

  private func takesForOne(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    // Letter case stands for everything where the names are too long to be tried out; and where nothing can be made, there
    // is only what is there already.
    isFound(a, as: b) ?? isFound([0x61], as: [0x41]) ?? isOneAlready(a, b)
  }

  /// Whether a file that is made under a name ending in `a` is there under one ending in `b`; nil if that cannot be tried.
  private func isFound(_ a: [UInt8], as b: [UInt8]) -> Bool? {
    guard let (name, file) = try? makeTemporary(for: path, ending: a) else { return nil }
    defer {
      _ = close(file)
      try? remove(name)
    }
    do { return try status(name.dropLast(a.count) + b) != nil } catch { return nil }
  }

  private func isOneAlready(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard let a = try? status(a), let b = try? status(b) else { return false }
    return a.identity == b.identity
  }
}
