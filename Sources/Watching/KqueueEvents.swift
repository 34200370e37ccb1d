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
    private let most: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "acuity.kqueue")

    /// Dispatch sources may be used from any thread, which not every SDK declares.
    private struct Source: @unchecked Sendable {
      let source: any DispatchSourceFileSystemObject
      let path: RelativePath?
    }

    private struct State {
      var sources: [FileStatus.Identity: Source] = [:]
      /// Those that were asked for since others were forgotten.
      var named: Set<FileStatus.Identity> = []
      /// There is a folder without a source.
      var isExhausted = false
      /// So it was since others were forgotten.
      var wasExhausted = false
    }

    /// Reports on `most` folders (nil: half as many as files may be open, for the work needs descriptors too).
    package init(reportingTo mailbox: Mailbox, most: Int? = nil) {
      self.mailbox = mailbox
      self.most = most ?? Self.raiseLimit() / 2
    }

    deinit {
      state.withLock { for each in $0.sources.values { each.source.cancel() } }
    }

    package var method: String { "kqueue" }

    package var isReliable: Bool { state.withLock { !$0.isExhausted } }

    package var advice: String {
      "a higher limit of open files than \(2 * most) allows for more folders (ulimit -n)"
    }

    package func reports(on folder: FileStatus.Identity, at path: RelativePath) -> Bool {
      state.withLock { state in state.sources[folder].map { $0.path == path } ?? false }
    }

    package func watch(_ folder: Folder, at path: RelativePath?) {
      let identity = folder.identity
      let isWanted = state.withLock { state in
        state.named.insert(identity)
        if let known = state.sources[identity] { return known.path != path }
        if state.sources.count >= most { (state.isExhausted, state.wasExhausted) = (true, true) }
        return state.sources.count < most
      }
      guard isWanted else { return }
      let own = openat(folder.descriptor, ".", O_EVTONLY | O_DIRECTORY | O_CLOEXEC)
      guard own >= 0 else {
        // A folder that is gone already needs no reports.
        if errno != ENOENT { state.withLock { ($0.isExhausted, $0.wasExhausted) = (true, true) } }
        return
      }
      let current = Source(
        source: DispatchSource.makeFileSystemObjectSource(
          fileDescriptor: own, eventMask: [.write, .delete, .rename, .revoke], queue: queue),
        path: path)
      let mailbox = mailbox
      // The handler and its source hold each other until the source is cancelled, as every one is at last.
      current.source.setEventHandler { [weak self] in
        if current.source.data.isDisjoint(with: [.delete, .rename, .revoke]) {
          return mailbox.post(.folder(path))
        }
        self?.state.withLock { state in
          if state.sources[identity]?.path == path { state.sources[identity] = nil }
        }
        current.source.cancel()
        mailbox.post(.everything(reason: "a folder was moved, removed or unmounted"))
      }
      current.source.setCancelHandler { _ = close(own) }
      // A folder that was moved is known by the same identity; its new source knows the new path.
      let former = state.withLock { $0.sources.updateValue(current, forKey: identity) }
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

    /// Lets this process open more files, for launchd and shells begin with 256; how many it may open then.
    private static func raiseLimit() -> Int {
      // OPEN_MAX; the system refuses more in this call, whatever the hard limit is.
      let most: rlim_t = 10_240
      var limit = rlimit()
      if getrlimit(RLIMIT_NOFILE, &limit) == 0, limit.rlim_cur < most {
        limit.rlim_cur = min(most, limit.rlim_max)
        _ = setrlimit(RLIMIT_NOFILE, &limit)
      }
      return Int(getdtablesize())
    }
  }
#endif
