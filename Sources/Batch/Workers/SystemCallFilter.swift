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
      if forbidden.isEmpty { return true }
      guard let address = unsafe dlsym(nil, "syscall") else { return true }
      let call = unsafe unsafeBitCast(address, to: SystemCall.self)
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

    private typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int, Int) -> Int

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
      for call in forbidden { program += [skip(0, ifEqual: call, else: 1), finish(refuse(EPERM))] }
      // Its flags lie in memory, out of sight; the C library falls back to `clone`.
      program += [skip(0, ifEqual: clone3, else: 1), finish(refuse(ENOSYS))]
      // Threads are allowed, processes are not.
      program += only(clone, argument: 0, instruction(0x45, 1, 0, 0x1_0000))
      // A crash signals itself.
      program += only(threadKill, argument: 0, skip(1, ifEqual: UInt32(getpid()), else: 0))
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

    #if arch(x86_64)
      private static let controlProcess = 157
      private static let secureComputing = 317
      private static let architecture: UInt32 = 0xc000_003e
      private static let clone: UInt32 = 56
      private static let clone3: UInt32 = 435
      private static let threadKill: UInt32 = 234
      /// Calls that open files, and which argument holds the flags.
      private static let opening: [(UInt32, UInt32)] = [(2, 1), (257, 2)]
      /// socket, connect, socketpair; fork, vfork, execve, execveat; kill, ptrace; truncate, rename, mkdir, rmdir,
      /// creat, link, unlink, symlink, chmod, chown, lchown, mknod and their *at forms; mount, bpf, unshare, setns,
      /// memfd_create, process_vm_writev, io_uring_setup, openat2.
      private static let forbidden: [UInt32] = [
        41, 42, 53, 57, 58, 59, 322, 62, 101, 76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94, 133, 258, 259, 260,
        263, 264, 265, 266, 268, 316, 165, 321, 272, 308, 319, 311, 425, 437,
      ]
    #elseif arch(arm64)
      private static let controlProcess = 167
      private static let secureComputing = 277
      private static let architecture: UInt32 = 0xc000_00b7
      private static let clone: UInt32 = 220
      private static let clone3: UInt32 = 435
      private static let threadKill: UInt32 = 131
      private static let opening: [(UInt32, UInt32)] = [(56, 2)]
      /// The same, as far as this architecture has them.
      private static let forbidden: [UInt32] = [
        198, 203, 199, 221, 281, 129, 117, 45, 33, 34, 35, 36, 37, 38, 53, 54, 276, 40, 280, 97, 268, 279,
        271, 425, 437,
      ]
    #else
      private static let controlProcess = -1
      private static let secureComputing = -1
      // No table for this architecture: `install` leaves the filter out.
      private static let architecture: UInt32 = 0
      private static let clone: UInt32 = .max
      private static let clone3: UInt32 = .max
      private static let threadKill: UInt32 = .max
      private static let opening: [(UInt32, UInt32)] = []
      private static let forbidden: [UInt32] = []
    #endif
  }
#endif
