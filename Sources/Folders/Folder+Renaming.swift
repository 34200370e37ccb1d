#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Entries that get another name.
extension Folder {
  /// Moves the entry `name` to `newName` in `folder`, which may be this one. The folders are not synced.
  /// Unless `replacing`, an existing `newName` is left alone and `EEXIST` thrown; a device, pipe or socket in any case.
  package func rename(
    _ name: [UInt8], to newName: [UInt8], in folder: Folder, replacing: Bool
  ) throws(FileError) {
    let path = folder.location(newName)
    try unsafe name.withCString { old throws(FileError) in
      try unsafe newName.withCString { new throws(FileError) in
        if replacing {
          try folder.checkReplaceable(newName)
          try retrying(.rename, path) { unsafe renameat(descriptor, old, folder.descriptor, new) }
          return
        }
        do throws(FileError) {
          try retrying(.rename, path) { unsafe renameExclusively(old, folder.descriptor, new) }
        } catch  where [ENOSYS, EINVAL, ENOTSUP].contains(error.code) {
          // The file system has no such rename.
          try renameByLink(name, to: newName, in: folder)
        }
      }
    }
  }

  /// A link refuses an existing name just as surely.
  private func renameByLink(
    _ name: [UInt8], to newName: [UInt8], in folder: Folder
  ) throws(FileError) {
    do throws(FileError) {
      try link(name, to: newName, in: folder)
    } catch  where [EPERM, EMLINK, ENOSYS, ENOTSUP, EOPNOTSUPP].contains(error.code) {
      return try renameAfterLook(name, to: newName, in: folder)
    }
    try unsafe name.withCString { old throws(FileError) in
      _ = try retrying(.remove, location(name)) { unsafe unlinkat(descriptor, old, 0) }
    }
  }

  private func link(_ name: [UInt8], to newName: [UInt8], in folder: Folder) throws(FileError) {
    try unsafe name.withCString { old throws(FileError) in
      try unsafe newName.withCString { new throws(FileError) in
        _ = try retrying(.rename, folder.location(newName)) {
          unsafe linkat(descriptor, old, folder.descriptor, new, 0)
        }
      }
    }
  }

  /// Where there are no links either, as with exFAT and many file systems over FUSE or a network: what takes the name between
  /// the look and the rename is replaced, which only another program's file can be.
  func renameAfterLook(
    _ name: [UInt8], to newName: [UInt8], in folder: Folder
  ) throws(FileError) {
    guard try folder.status(newName) == nil else {
      throw FileError(.rename, folder.location(newName), code: EEXIST)
    }
    try rename(name, to: newName, in: folder, replacing: true)
  }

  /// Refuses what is no file, and a link to such: a rename would put a file as readily in the place of a device, which for
  /// root may be `/dev/null`. A folder the system refuses itself.
  private func checkReplaceable(_ name: [UInt8]) throws(FileError) {
    switch (try? status(name, followingLinks: true))?.kind {
    case .fifo, .socket, .device: throw FileError(.rename, location(name), code: EEXIST)
    case .file, .folder, .symbolicLink, nil: break
    }
  }

  private func renameExclusively(
    _ old: UnsafePointer<CChar>, _ folder: Int32, _ new: UnsafePointer<CChar>
  ) -> Int32 {
    #if canImport(Darwin)
      unsafe renameatx_np(descriptor, old, folder, new, UInt32(RENAME_EXCL))
    #else
      guard let rename = unsafe Self.renameat2 else {
        errno = ENOSYS
        return -1
      }
      return unsafe rename(descriptor, old, folder, new, 1)  // RENAME_NOREPLACE
    #endif
  }

  #if !canImport(Darwin)
    private typealias RenameAt2 =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32

    /// A GNU extension that the C library's headers hide from Swift.
    private static let renameat2: RenameAt2? = unsafe dlsym(nil, "renameat2").map {
      unsafe unsafeBitCast($0, to: RenameAt2.self)
    }
  #endif
}
