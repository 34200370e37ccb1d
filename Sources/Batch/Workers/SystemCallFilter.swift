#if os(Linux)
  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif

  /// A seccomp filter (Linux 3.17) that takes from a codec worker what no codec needs: opening files for writing,
  /// changing the file tree, sockets, other processes. Refused calls fail with `EPERM`, so that a library's harmless
  /// attempt is no crash.
  enum SystemCallFilter {
    /// Also gives up gaining privileges by exec. False only if that cannot be done; a kernel without seccomp, or one
    /// inside a container that forbids it, leaves the other limits in force.
    static func install() -> Bool {
      guard isKnown, let call else { return true }
      guard call(controlProcess, 38, 1, 0, 0, 0) == 0 else { return false }  // PR_SET_NO_NEW_PRIVS
      let program = program()
      unsafe program.withUnsafeBufferPointer { instructions in
        // struct sock_fprog: a count and a pointer.
        var header = (UInt64(instructions.count), UInt(bitPattern: instructions.baseAddress))
        unsafe withUnsafePointer(to: &header) {
          // SECCOMP_SET_MODE_FILTER for every thread there is (SECCOMP_FILTER_FLAG_TSYNC).
          _ = call(secureComputing, 1, 1, Int(bitPattern: $0), 0, 0)
        }
      }
      return true
    }

    /// `syscall`, which Swift's view of the C library hides.
    static let call: SystemCall? = unsafe dlsym(nil, "syscall").map {
      unsafe unsafeBitCast($0, to: SystemCall.self)
    }

    typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int, Int) -> Int

    // MARK: The program

    /// struct sock_filter: operation, two relative jumps, operand.
    private static func instruction(_ code: UInt64, _ then: UInt64, _ otherwise: UInt64, _ operand: UInt32)
      -> UInt64
    {
      code | then << 16 | otherwise << 24 | UInt64(operand) << 32
    }

    private static func load(_ offset: UInt32) -> UInt64 { instruction(0x20, 0, 0, offset) }
    private static func skip(_ count: UInt64, ifEqual value: UInt32, else other: UInt64) -> UInt64 {
      instruction(0x15, count, other, value)
    }
    private static func finish(_ result: UInt32) -> UInt64 { instruction(0x06, 0, 0, result) }

    private static let allow: UInt32 = 0x7fff_0000
    private static func refuse(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }
    /// The low half of argument `index` in struct seccomp_data.
    private static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }

    private static func program() -> [UInt64] {
      var program = [
        load(4), skip(1, ifEqual: architecture, else: 0), finish(refuse(EPERM)),
        load(0), instruction(0x35, 0, 1, 0x4000_0000), finish(refuse(EPERM)),
      ]
      for call in forbidden.compactMap(number) {
        program += [skip(0, ifEqual: call, else: 1), finish(refuse(EPERM))]
      }
      // Its flags lie in memory, out of sight; the C library falls back to `clone`.
      program += [skip(0, ifEqual: clone3, else: 1), finish(refuse(ENOSYS))]
      // Threads are allowed, processes are not.
      program += only(clone, argument: 0, instruction(0x45, 1, 0, 0x1_0000))
      // A crash signals itself.
      program += only(threadKill, argument: 0, skip(1, ifEqual: UInt32(getpid()), else: 0))
      // The C library asks for the process's own limits, and sets them, as those of process 0.
      program += only(number(processLimits) ?? .max, argument: 0, skip(1, ifEqual: 0, else: 0))
      // Any way of writing or making a file.
      let writing = UInt32(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) | 0x40_0000
      for (call, flags) in opening {
        program += only(call, argument: flags, instruction(0x45, 0, 1, writing))
      }
      return program + [finish(allow)]
    }

    /// Lets `call` through only if `test` on one of its arguments jumps over the refusal.
    private static func only(_ call: UInt32, argument index: UInt32, _ test: UInt64) -> [UInt64] {
      [skip(0, ifEqual: call, else: 4), load(argument(index)), test, finish(refuse(EPERM)), finish(allow)]
    }

    // MARK: The calls' numbers

    /// A system call's number on either architecture; nil where it has none of that name.
    private typealias Row = (name: String, x86: UInt32?, arm: UInt32?)

    private static let forbidden: [Row] = [
      // The network.
      ("socket", 41, 198), ("connect", 42, 203), ("socketpair", 53, 199),
      // Other processes: to become one, to make one, to signal one, to look into one. `tkill` is no longer what the C
      // libraries signal their own threads with, except for musl's, whose `abort` falls back on a wild pointer.
      ("fork", 57, nil), ("vfork", 58, nil), ("execve", 59, 221), ("execveat", 322, 281),
      ("kill", 62, 129), ("tkill", 200, 130), ("rt_sigqueueinfo", 129, 138), ("rt_tgsigqueueinfo", 297, 240),
      ("pidfd_send_signal", 424, 424), ("pidfd_getfd", 438, 438), ("ptrace", 101, 117),
      ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271),
      // The file tree.
      ("truncate", 76, 45), ("rename", 82, nil), ("mkdir", 83, nil), ("rmdir", 84, nil), ("creat", 85, nil),
      ("link", 86, nil), ("unlink", 87, nil), ("symlink", 88, nil), ("chmod", 90, nil), ("chown", 92, nil),
      ("lchown", 94, nil), ("mknod", 133, nil), ("mkdirat", 258, 34), ("mknodat", 259, 33),
      ("fchownat", 260, 54), ("unlinkat", 263, 35), ("renameat", 264, 38), ("linkat", 265, 37),
      ("symlinkat", 266, 36), ("fchmodat", 268, 53), ("renameat2", 316, 276), ("fchmodat2", 452, 452),
      ("mount", 165, 40),
      // Files and rights by other ways.
      ("openat2", 437, 437), ("memfd_create", 319, 279), ("io_uring_setup", 425, 425), ("bpf", 321, 280),
      ("unshare", 272, 97), ("setns", 308, 268),
    ]
    private static let processLimits: Row = ("prlimit64", 302, 261)
    /// Calls that open files, and which argument holds the flags.
    private static let opening: [(call: UInt32, flags: UInt32)] =
      [(("open", 2, nil), 1), (("openat", 257, 56), 2)].compactMap { (row: Row, flags: UInt32) in
        number(row).map { ($0, flags) }
      }
    private static let clone = number(("clone", 56, 220)) ?? .max
    private static let clone3 = number(("clone3", 435, 435)) ?? .max
    private static let threadKill = number(("tgkill", 234, 131)) ?? .max
    private static let controlProcess = number(("prctl", 157, 167)).map { Int($0) } ?? -1
    private static let secureComputing = number(("seccomp", 317, 277)).map { Int($0) } ?? -1

    #if arch(x86_64)
      private static let isKnown = true
      private static let architecture: UInt32 = 0xc000_003e
      private static func number(_ row: Row) -> UInt32? { row.x86 }
    #elseif arch(arm64)
      private static let isKnown = true
      private static let architecture: UInt32 = 0xc000_00b7
      private static func number(_ row: Row) -> UInt32? { row.arm }
    #else
      // No numbers for this architecture: `install` leaves the filter out.
      private static let isKnown = false
      private static let architecture: UInt32 = 0
      private static func number(_ row: Row) -> UInt32? { nil }
    #endif
  }
#endif
