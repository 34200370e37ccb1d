#if os(Linux)
  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif
  package import Dispatch
  package import Folders
  import Synchronization

  /// Linux's inotify: one watch a folder.
  ///
  /// A descriptor that is read on a queue of its own; the queue holds 16,384 events by default
  /// (`fs.inotify.max_queued_events`) and says so when it overflows, which becomes a scan.
  package final class InotifyEvents: FolderEvents {
    private let descriptor: Int32
    // Set once; dispatch sources may be used from any thread, which their Linux overlay does not declare.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let mailbox: Mailbox
    private let state = Mutex(State())

    private struct State {
      /// By watch descriptor. A double optional: the root's path is `nil`.
      var folders: [Int32: RelativePath?] = [:]
      /// Those that were asked for since others were forgotten.
      var named: Set<Int32> = []
      /// Why there is a folder without a watch.
      var failure: FileError?
      /// Likewise, since others were forgotten.
      var latestFailure: FileError?
    }

    /// Events are read on `queue`, a serial one.
    ///
    /// - Throws: `EMFILE` when the user's inotify instances are used up.
    package init(
      reportingTo mailbox: Mailbox, queue: DispatchQueue = DispatchQueue(label: "acuity.inotify")
    ) throws(FileError) {
      let file = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
      guard file >= 0 else { throw FileError(.watch, "inotify") }
      descriptor = file
      self.mailbox = mailbox
      source = DispatchSource.makeReadSource(fileDescriptor: file, queue: queue)
      source.setEventHandler { [weak self] in self?.read() }
      source.setCancelHandler { _ = close(file) }
      source.activate()
    }

    deinit {
      source.cancel()
    }

    package var method: String { "inotify" }

    package var isReliable: Bool { state.withLock { $0.failure == nil } }

    package var advice: String {
      let failure = state.withLock { $0.failure }
      // ENOSPC: the user's watches are used up.
      return failure.map { $0.code == ENOSPC ? "raise fs.inotify.max_user_watches" : "\($0)" } ?? ""
    }

    package func watch(_ folder: Folder, at path: RelativePath?) {
      let mask =
        UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM)
        | UInt32(IN_DELETE) | UInt32(IN_ATTRIB) | UInt32(IN_ONLYDIR)
      // By descriptor: a name may mean another folder by now, and need not be text.
      let number = inotify_add_watch(descriptor, "/proc/self/fd/\(folder.descriptor)", mask)
      let reason = errno
      state.withLock { state in
        if number >= 0 {
          state.folders[number] = .some(path)
          state.named.insert(number)
        } else if reason != ENOENT {
          // Whatever it is, events no longer tell everything.
          let failure = FileError(.watchFolder, folder.path, code: reason)
          (state.failure, state.latestFailure) = (failure, failure)
        }
      }
    }

    package func forgetOthers() {
      state.withLock { state in
        for number in state.folders.keys where !state.named.contains(number) {
          // One that is gone by itself is no longer known.
          _ = inotify_rm_watch(descriptor, number)
          state.folders[number] = nil
        }
        state.named = []
        (state.failure, state.latestFailure) = (state.latestFailure, nil)
      }
    }

    private func read() {
      let capacity = 64 << 10
      withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
        while true {
          let count = systemRead(descriptor, buffer)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { return }
          handle(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
      }
    }

    /// `records`: one header and a name padded with zeros after the other.
    private func handle(_ records: UnsafeRawBufferPointer) {
      let header = MemoryLayout<inotify_event>.size
      var start = 0
      while start + header <= records.count {
        let event = records.loadUnaligned(fromByteOffset: start, as: inotify_event.self)
        let name = records[(start + header)..<min(records.count, start + header + Int(event.len))]
        handle(event, name: Array(name.prefix { $0 != 0 }))
        start += header + Int(event.len)
      }
    }

    private func handle(_ event: inotify_event, name: [UInt8]) {
      func happened(_ flag: some BinaryInteger) -> Bool { event.mask & UInt32(truncatingIfNeeded: flag) != 0 }
      if happened(IN_Q_OVERFLOW) {
        return mailbox.post(.everything(reason: "the event queue overflowed"))
      }
      guard let folder = state.withLock({ $0.folders[event.wd] }) else { return }
      if happened(IN_UNMOUNT) {
        mailbox.post(.everything(reason: "a file system was unmounted"))
      }
      if happened(IN_IGNORED) {
        state.withLock { _ = $0.folders.removeValue(forKey: event.wd) }
        if folder == nil { mailbox.post(.everything(reason: "the folder is gone")) }
        return
      }
      if happened(IN_ISDIR), happened(IN_MOVED_FROM) {
        // The watches below it now stand for other paths.
        return mailbox.post(.everything(reason: "a folder was moved"))
      }
      if name.isEmpty { return mailbox.post(.folder(folder)) }
      mailbox.post(.entry(folder: folder, name: name))
    }
  }

  private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(file, buffer.baseAddress, buffer.count)
  }
#endif
