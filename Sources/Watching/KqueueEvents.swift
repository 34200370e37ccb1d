#if canImport(Darwin)
  import Darwin
  import Dispatch
  package import Folders
  import Synchronization

  /// kqueue, on Apple's systems: a descriptor and a dispatch source for each folder, which reports that the folder's
  /// entries changed, not which. A change inside a file is not reported; files that are not settled are looked at by
  /// the clock, and the scan finds the rest.
  package final class KqueueEvents: FolderEvents {
    private let mailbox: Mailbox
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "acuity.kqueue")

    /// Dispatch sources may be used from any thread, which not every SDK declares.
    private struct Source: @unchecked Sendable {
      let source: any DispatchSourceFileSystemObject
    }

    private struct State {
      var sources: [FileStatus.Identity: Source] = [:]
      /// Those that were asked for since others were forgotten.
      var named: Set<FileStatus.Identity> = []
      /// No more descriptors.
      var isExhausted = false
      /// So it was since others were forgotten.
      var wasExhausted = false
    }

    package init(reportingTo mailbox: Mailbox) {
      self.mailbox = mailbox
    }

    deinit {
      state.withLock { for each in $0.sources.values { each.source.cancel() } }
    }

    package var method: String { "kqueue" }

    package var isReliable: Bool { state.withLock { !$0.isExhausted } }

    package var advice: String { "raise the limit of open files (ulimit -n)" }

    package func watch(_ folder: Folder, at path: RelativePath?) {
      let identity = folder.identity
      let own = openat(folder.descriptor, ".", O_EVTONLY | O_DIRECTORY | O_CLOEXEC)
      guard own >= 0 else { return state.withLock { ($0.isExhausted, $0.wasExhausted) = (true, true) } }
      let current = Source(
        source: DispatchSource.makeFileSystemObjectSource(
          fileDescriptor: own, eventMask: [.write, .delete, .rename, .revoke], queue: queue))
      let mailbox = mailbox
      // The handler and its source hold each other until the source is cancelled, as every one is at last.
      current.source.setEventHandler { [weak self] in
        if current.source.data.isDisjoint(with: [.delete, .rename, .revoke]) {
          return mailbox.post(.folder(path))
        }
        self?.state.withLock { _ = $0.sources.removeValue(forKey: identity) }
        current.source.cancel()
        mailbox.post(.everything(reason: "a folder was moved, removed or unmounted"))
      }
      current.source.setCancelHandler { _ = close(own) }
      // A folder that was moved is known by the same identity; its new source knows the new path.
      let former = state.withLock { state in
        state.named.insert(identity)
        return state.sources.updateValue(current, forKey: identity)
      }
      former?.source.cancel()
      current.source.activate()
    }

    package func forgetOthers() {
      let left = state.withLock { state in
        let left = state.sources.filter { !state.named.contains($0.key) }
        for identity in left.keys { state.sources[identity] = nil }
        state.named = []
        (state.isExhausted, state.wasExhausted) = (state.wasExhausted, false)
        return Array(left.values)
      }
      for each in left { each.source.cancel() }
    }
  }
#endif
