#if os(Linux)
  import Acuity
  import Foundation
  import TestSupport
  import Testing

  /// What a failing system does to a batch: an error with a name, no partial output, no temporary file.
  @Suite("acuity upscale on a failing system")
  struct UpscaleSystemErrorTests {
    let fixture: UpscaleFixture

    init() throws {
      fixture = try UpscaleFixture()
    }

    private static func find(_ tool: String) -> String? {
      ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + tool }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let strace = find("strace").flatMap { path -> String? in
      // Inside some containers there is no tracing.
      let trial = try? Run(path: path, ["-f", "-o", "/dev/null", "/bin/true"]).wait()
      return trial?.code == 0 ? path : nil
    }

    private func traced(_ options: [String], _ arguments: [String]) throws -> Acuity.Result {
      let all = ["-f", "-o", fixture.folder("trace")] + options + ["--", Acuity.path] + arguments
      return try Run(path: Self.strace ?? "", all).wait()
    }

    @Test(
      "An error of any call for an output leaves no partial file",
      .enabled(if: strace != nil, "needs strace and the right to trace"),
      // The first writes of a program with the thread sanitizer are to a file of the sanitizer's.
      arguments: ["openat", "pread64", "write", "fsync", "renameat2", "close", "fchmod"]
        .filter { $0 != "write" || !isThreadSanitized },
      ["EIO", "ENOSPC", "EDQUOT", "EACCES"])
    func injectedErrors(call: String, error: String) throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      try fixture.put(try UpscaleFixture.picture(seed: 2), "b.png")
      let inputs = try fixture.tree(fixture.inputs)
      #expect(try fixture.run().code == 0)
      let expected = try fixture.tree()
      let arguments = fixture.arguments(["--isolation", "none", "--threads", "1", "--quiet"])

      // Of the calls that the system's loader makes too, only those for the folders and the inputs; of the others those
      // are all that there are. Counted in each thread by itself.
      let own = [fixture.inputs, fixture.outputs] + ["a.png", "b.png"].map { "\(fixture.inputs)/\($0)" }
      let paths = ["openat", "pread64", "close"].contains(call) ? own.flatMap { ["-P", $0] } : []
      // Each call in turn, until there is none left to fail.
      var place = 0
      var isMet = true
      while isMet {
        place += 1
        fixture.clearOutputs()
        try FileManager.default.createDirectory(atPath: fixture.outputs, withIntermediateDirectories: true)
        let run = try traced(
          paths + ["-e", "trace=\(call)", "-e", "inject=\(call):error=\(error):when=\(place)"],
          arguments)
        let found = try fixture.tree()
        for (name, content) in found {
          #expect(
            expected[name] == content, "\(call) \(error) at \(place): \(name) is partial or a temporary")
        }
        if run.code == 0 {
          #expect(found == expected, "\(call) \(error) at \(place): success without every output")
        } else {
          #expect(
            run.errors.contains(fixture.folder.path + "/"),
            "\(call) \(error) at \(place): no path in \(run.errors)")
        }
        #expect(try fixture.tree(fixture.inputs) == inputs)
        isMet = try String(contentsOfFile: fixture.folder("trace"), encoding: .utf8).contains("INJECTED")
      }
      #expect(place > 1, "no error was met")
    }

    private static let canHideDevices =
      (try? Run(path: "/usr/bin/unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/dev"]).wait())?.code == 0

    @Test(
      "A system without /dev/null is told as that",
      .enabled(if: canHideDevices, "needs a mount namespace"))
    func noNull() throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      let script = "mount -t tmpfs none /dev && exec \"$0\" \"$@\""
      func run(_ more: [String]) throws -> Acuity.Result {
        let arguments = fixture.arguments(more)
        return try Run(path: "/usr/bin/unshare", ["-rm", "/bin/sh", "-c", script, Acuity.path] + arguments)
          .wait()
      }
      let failed = try run([])
      #expect(failed.code == 74, "\(failed.errors)")
      #expect(failed.errors.contains("messages to /dev/null: No such file"), "\(failed.errors)")
      #expect(failed.errors.contains("--isolation none") && !failed.errors.contains("limit"))
      #expect(try run(["--isolation", "none"]).code == 0)
    }

    @Test(
      "An output that cannot be closed is no output",
      .enabled(if: strace != nil, "needs strace and the right to trace"),
      arguments: ["EIO", "ENOSPC"])
    func closing(error: String) throws {
      // So many that some thread closes often enough, however the system shares them out.
      let count = 40
      for index in 0..<count {
        try fixture.put(
          try UpscaleFixture.picture(width: 5, height: 5, seed: UInt64(index)), "\(index).png")
      }
      let arguments = fixture.arguments(["--isolation", "none", "--threads", "1", "--quiet"])
      func closes() throws -> [Substring] {
        try String(contentsOfFile: fixture.folder("trace"), encoding: .utf8).split(separator: "\n")
          .filter { $0.contains("close(") }
      }
      // Each thread counts by itself. The first one loads the libraries, which has to succeed.
      #expect(try traced(["-y", "-e", "trace=close"], arguments).code == 0)
      let main = try #require(try closes().first?.split(separator: " ").first)
      let own = try closes().filter { $0.hasPrefix(main + " ") }
      let first = try #require(own.lastIndex { $0.contains(".so") }) + 2
      fixture.clearOutputs()
      let run = try traced(
        ["-y", "-e", "trace=close", "-e", "inject=close:error=\(error):when=\(first)+"], arguments)
      #expect(
        try closes().contains { $0.contains("INJECTED") && $0.contains("/out/.acuity-") }, "no error was met")
      #expect(run.code != 0 && run.errors.contains("cannot close \(fixture.outputs)/"), "\(run.errors)")
      let tree = try fixture.tree()
      #expect(tree.count < count && tree.keys.allSatisfy { $0.hasSuffix(".png") })
    }

    @Test(
      "A file system that cannot sync is taken at its word",
      .enabled(if: strace != nil, "needs strace and the right to trace"),
      arguments: ["EINVAL", "EOPNOTSUPP", "ENOTTY"])
    func noSync(error: String) throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      let run = try traced(
        ["-e", "inject=fsync:error=\(error)"], fixture.arguments(["--isolation", "none"]))
      #expect(run.code == 0, "\(run.errors)")
      #expect(try fixture.tree().keys.sorted() == ["a.png"])
    }

    /// As on exFAT and many disks over a network: only one of the ways to give a file its name may be there, and no permissions.
    @Test(
      "A file system without exclusive renames, links or permissions takes outputs, and keeps what it has",
      .enabled(if: strace != nil, "needs strace and the right to trace"),
      arguments: [
        ["renameat2:error=EINVAL"], ["renameat2:error=EINVAL", "linkat:error=EPERM"],
        ["renameat2:error=ENOSYS", "linkat:error=EOPNOTSUPP", "fchmod:error=EPERM"],
      ])
    func simpleDisk(lacks: [String]) throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      let injections = lacks.flatMap { ["-e", "inject=\($0)"] }
      let run = try traced(injections, fixture.arguments(["--isolation", "none"]))
      #expect(run.code == 0, "\(run.errors)")
      #expect(try fixture.tree().keys.sorted() == ["a.png"])
      let trace = try String(contentsOfFile: fixture.folder("trace"), encoding: .utf8)
      for call in lacks.map({ $0.prefix { $0 != ":" } }) {
        #expect(trace.split(separator: "\n").contains { $0.contains("\(call)(") && $0.contains("INJECTED") })
      }
    }

    @Test(
      "A name that the file system does not take is told as that",
      .enabled(if: strace != nil, "needs strace and the right to trace"), arguments: ["EINVAL", "EILSEQ"])
    func unfitName(error: String) throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      let run = try traced(
        ["-e", "inject=renameat2,linkat:error=\(error)"], fixture.arguments(["--isolation", "none"]))
      #expect(run.code != 0)
      #expect(run.errors.contains("a.png: the file system takes no such name ("), "\(run.errors)")
      #expect(run.errors.contains("give outputs other names (--name)"))
    }

    @Test(
      "A program that cannot learn its arguments does not claim success",
      .enabled(if: strace != nil, "needs strace and the right to trace"))
    func noArguments() throws {
      try fixture.put(try UpscaleFixture.picture(), "a.png")
      let run = try traced(
        ["-P", "/proc/self/maps", "-P", "/proc/self/cmdline", "-e", "inject=openat:error=ENOSPC"],
        fixture.arguments([]))
      // Another version of Swift may know another way.
      #expect(try run.code == (fixture.tree().isEmpty ? 74 : 0), "\(run.errors)")
    }

    @Test(
      "Everything is on the disk before it counts as done",
      .enabled(if: strace != nil, "needs strace and the right to trace"))
    func order() throws {
      for index in 0..<20 { try fixture.put(try UpscaleFixture.picture(seed: UInt64(index)), "\(index).png") }
      _ = try traced(
        ["-y", "-e", "trace=write,fsync,fdatasync,close,renameat2,rename"],
        fixture.arguments(["--isolation", "none", "--threads", "1", "--ledger", fixture.folder("ledger")]))
      let trace = try String(contentsOfFile: fixture.folder("trace"), encoding: .utf8)
      let lines = trace.split(separator: "\n").map(String.init)
      let renames = lines.indices.filter {
        lines[$0].contains("renameat2(") && lines[$0].contains(".acuity-")
      }
      #expect(renames.count == 20)
      for rename in renames {
        let quoted = lines[rename].split(separator: "\"")
        let temporary = try #require(quoted.first { $0.hasPrefix(".acuity-") })
        let thread = try #require(lines[rename].split(separator: " ").first)
        let own = lines.indices.filter { lines[$0].hasPrefix(thread + " ") }
        let written = try #require(
          own.last { $0 < rename && lines[$0].contains("write(") && lines[$0].contains(temporary) })
        let synced = try #require(
          own.first { $0 > written && lines[$0].contains("fsync(") && lines[$0].contains(temporary) })
        let closed = try #require(
          own.first { $0 > synced && lines[$0].contains("close(") && lines[$0].contains(temporary) })
        #expect(synced < closed && closed < rename, "synced and closed before it gets its name")
        let folder = try #require(own.first { $0 > rename && lines[$0].contains("fsync(") })
        #expect(lines[folder].contains("/out>"), "then the folder: \(lines[folder])")
        let ledger = try #require(own.first { $0 > folder && lines[$0].contains("ledger-wal") })
        #expect(
          ledger > folder
            && !own.contains { written < $0 && $0 < folder && lines[$0].contains("ledger-wal") },
          "and only then the ledger")
      }
    }

    /// A file that is safe in a folder that is not would be gone with it.
    @Test(
      "Folders that are made for outputs are on the disk before the outputs are",
      .enabled(if: strace != nil, "needs strace and the right to trace"))
    func foldersFirst() throws {
      try fixture.put(try UpscaleFixture.picture(), "sub/er/a.png")
      let outputs = fixture.folder("new/out")
      let run = try traced(
        ["-y", "-e", "trace=?mkdir,mkdirat,fsync,renameat2"],
        ["upscale", fixture.inputs, "-r", "-o", outputs, "--model", fixture.model, "--isolation", "none"])
      #expect(run.code == 0, "\(run.errors)")
      let lines = try String(contentsOfFile: fixture.folder("trace"), encoding: .utf8).split(separator: "\n")
      let rename = try #require(lines.firstIndex { $0.contains("renameat2(") })
      for (parent, name) in [("", "new"), ("/new", "out"), ("/new/out", "sub"), ("/new/out/sub", "er")] {
        let above = fixture.folder.path + parent
        let made = try #require(
          lines.firstIndex {
            $0.contains("mkdir") && $0.contains("/\(name)\"") || $0.contains("\(above)>, \"\(name)\"")
          }, "\(name)")
        let synced = lines[made..<rename].contains { $0.contains("fsync(") && $0.contains("\(above)>") }
        #expect(synced, "\(above) is not synced after \(name) was made in it")
      }
    }

    @Test(
      "A full disk is reported once and stops the batch",
      .enabled(if: SmallDisk.isPossible, "needs the right to mount"),
      arguments: ["size=1m", "size=8m,nr_inodes=12"])
    func fullDisk(options: String) throws {
      for index in 0..<30 {
        try fixture.put(
          try UpscaleFixture.picture(width: 120, height: 120, seed: UInt64(index)), "\(index).png")
      }
      #expect(try fixture.run().code == 0)
      let expected = try fixture.tree()
      fixture.clearOutputs()
      try FileManager.default.createDirectory(atPath: fixture.outputs, withIntermediateDirectories: true)
      try #require(try call("mount", ["-t", "tmpfs", "-o", options, "none", fixture.outputs]) == 0)
      defer { _ = try? call("umount", ["-l", fixture.outputs]) }
      // One thread, so that few outputs share the room on any machine and some of them are whole.
      let run = try fixture.run(["--threads", "1"])
      #expect(run.code == 74, "\(run.errors)")
      #expect(run.errors.split(separator: "\n").filter { $0.contains("No space left") }.count <= 3)
      #expect(run.errors.contains("free some space"))
      let some = try fixture.tree()
      #expect(!some.isEmpty && some.count < 30)
      for (name, content) in some { #expect(expected[name] == content, "\(name)") }
      // With room again the next run does the rest.
      #expect(try call("mount", ["-o", "remount,size=64m,nr_inodes=1000", fixture.outputs]) == 0)
      #expect(try fixture.run().code == 0)
      #expect(try fixture.tree() == expected)
    }

    /// SQLite itself speaks of an error of the disk.
    @Test(
      "A full disk under the ledger is named", .enabled(if: SmallDisk.isPossible, "needs the right to mount"),
      arguments: ["size=16k", "size=8m,nr_inodes=2", "size=8m,nr_inodes=3", "size=8m,nr_inodes=4"])
    func fullDiskOfTheLedger(options: String) throws {
      try fixture.put(try UpscaleFixture.picture(width: 8, height: 8, seed: 1), "a.png")
      let disk = fixture.folder("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      try #require(try call("mount", ["-t", "tmpfs", "-o", options, "none", disk]) == 0)
      defer { _ = try? call("umount", ["-l", disk]) }
      let run = try fixture.run(["--ledger", disk + "/ledger"])
      #expect(run.code == 74, "\(run.errors)")
      #expect(run.errors.contains("no space left") && run.errors.contains("free some space"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: fixture.outputs + "/a.png"))
    }

    private func call(_ tool: String, _ arguments: [String]) throws -> Int32? {
      guard let path = Self.find(tool) else { return nil }
      return try Run(path: path, arguments).wait().code
    }
  }
#endif
