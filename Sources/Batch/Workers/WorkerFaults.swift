#if DEBUG
  import Acuity

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Faults on demand, in debug builds alone, for the tests of those who have to live with a worker: with
  /// `ACUITY_WORKER_FAULTS=1` in its environment, a worker that finds `acuity-fault:` and one of the kinds in a file's bytes
  /// behaves accordingly. No other process looks at the variable.
  struct WorkerFaults {
    enum Kind: String, CaseIterable {
      /// A wild pointer.
      case crash
      /// An endless loop.
      case spin
      /// A wait that ends only with the process that has asked.
      case hang
      /// Memory without an end.
      case allocate
      /// Bytes that are no answer.
      case garbage
      /// An answer whose head and body contradict one another.
      case lie
      /// An answer of more pixels than any picture may have.
      case boastOfPixels = "boast-of-pixels"
      /// An answer of more bytes than any file of the picture has.
      case boastOfBytes = "boast-of-bytes"
      /// The end, without a word.
      case exit
      /// What a codec in foreign hands would try; how far it got is said in a refusal.
      case escape
    }

    /// nil where nobody has asked for any.
    static let asked =
      unsafe getenv("ACUITY_WORKER_FAULTS").map { unsafe String(cString: $0) } == "1" ? WorkerFaults() : nil

    func hasOne(in bytes: [UInt8]) -> Bool { Self.kind(in: bytes) != nil }

    /// To be called when the request is read whole.
    func commit(in bytes: [UInt8], _ channel: WorkerChannel) {
      guard let kind = Self.kind(in: bytes) else { return }
      switch kind {
      case .crash: raise(SIGSEGV)
      case .spin: while getpid() != 0 {}
      case .hang:
        // Nothing more comes before the answer but the end of the other process, which a hang must not outlive.
        var byte: UInt8 = 0
        while unsafe read(channel.input, &byte, 1) != 0 {}
        _exit(0)
      case .allocate:
        while let block = unsafe malloc(1 << 24) { unsafe memset(block, 1, 1 << 24) }
        abort()
      case .garbage:
        let nonsense = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 37) }
        _ = unsafe nonsense.withUnsafeBytes { unsafe write(channel.output, $0.baseAddress, $0.count) }
      case .lie:
        try? channel.send(.picture, head: [1, 2, 3], body: [4, 5, 6])
      case .boastOfPixels:
        var head = PictureHead(Image(width: 1, height: 1, layout: .gray, samples: .uint8([0])))
        head.size = Size(width: 30_000, height: 30_000)
        boast(.picture, head.head, of: head.byteCount, channel)
      case .boastOfBytes: boast(.file, [], of: 1 << 30, channel)
      case .exit: _exit(0)
      case .escape: escape(channel)
      }
    }

    /// Announces a body, and does not send it.
    private func boast(_ kind: WorkerFrame.Kind, _ head: [UInt8], of body: Int, _ channel: WorkerChannel) {
      let front = WorkerFrame(kind, head: head.count, body: body).bytes + head
      _ = unsafe front.withUnsafeBytes { unsafe write(channel.output, $0.baseAddress, $0.count) }
      _exit(0)
    }

    /// Tries to write a file, to open a socket, to become another program, to have another process do it, and to reach its
    /// parent; and looks whether a crash would leave a core file.
    private func escape(_ channel: WorkerChannel) {
      /// `fork`, which Swift's view of the C library hides. A child that there should not be ends at once.
      func fork() -> Int32 {
        guard let address = unsafe dlsym(nil, "fork") else { return 0 }
        let identifier = unsafe unsafeBitCast(address, to: (@convention(c) () -> Int32).self)()
        if identifier == 0 { _exit(0) }
        return identifier
      }
      func attempt(_ call: () -> Int32) -> Int32 {
        errno = 0
        return call() < 0 ? errno : 0
      }
      #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
      #else
        let stream = SOCK_STREAM
      #endif
      var codes = [
        attempt { unsafe open("/tmp/acuity-escape", O_WRONLY | O_CREAT, 0o600) },
        attempt { socket(AF_INET, stream, 0) },
        attempt { unsafe execv("/bin/true", [nil]) },
        attempt(fork),
      ]
      #if !canImport(Darwin)
        codes += callsForParent().map { call in attempt { call() < 0 ? -1 : 0 } }
      #endif
      // What a crash would leave is somebody's picture.
      var core = rlimit()
      #if canImport(Glibc)
        let isKnown = unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core) == 0
      #else
        let isKnown = unsafe getrlimit(RLIMIT_CORE, &core) == 0
      #endif
      codes.append(isKnown && core.rlim_max == 0 ? EPERM : 0)
      var writer = WireWriter()
      writer.append(.invalidOption(codes.allSatisfy { $0 == EPERM } ? "held" : "\(codes)"))
      try? channel.send(.refusal, head: writer.bytes)
      _exit(0)
    }

    #if !canImport(Darwin)
      /// To signal the parent, to look into it, to change its limits: with arguments that come to nothing where they are let
      /// through.
      private func callsForParent() -> [() -> Int] {
        #if arch(x86_64)
          let numbers = [
            "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
            "pidfd_send_signal": 424,
            "pidfd_getfd": 438, "ptrace": 101, "process_vm_readv": 310, "prlimit64": 302,
          ]
        #elseif arch(arm64)
          let numbers = [
            "kill": 129, "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
            "pidfd_send_signal": 424,
            "pidfd_getfd": 438, "ptrace": 117, "process_vm_readv": 270, "prlimit64": 261,
          ]
        #else
          let numbers: [String: Int] = [:]
        #endif
        guard let call = SystemCallFilter.call else { return [] }
        return numbers.values.map { number in { call(number, Int(getppid()), 0, 0, 0, 0) } }
      }
    #endif

    private static func kind(in bytes: [UInt8]) -> Kind? {
      let mark = Array("acuity-fault:".utf8)
      var rest = bytes.prefix(1 << 16)
      while let start = rest.firstIndex(of: mark[0]) {
        rest = rest[start...]
        if rest.starts(with: mark) {
          let word = rest.dropFirst(mark.count)
          return Kind.allCases.first { word.starts(with: Array($0.rawValue.utf8)) }
        }
        rest = rest.dropFirst()
      }
      return nil
    }
  }
#endif
