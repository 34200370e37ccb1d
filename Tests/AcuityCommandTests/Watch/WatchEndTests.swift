import Acuity
import Foundation
import Ledger
import TestSupport
import Testing
import Watching

/// How `acuity watch` ends, and what the next one makes of what was under way.
@Suite struct WatchEndTests {
  @Test(arguments: ["process", "none"])
  func theReaderOfItsMessagesMayGo(isolation: String) throws {
    let bench = try WatchBench()
    let run = try Run(
      path: "/bin/sh",
      [
        "-c", "{ \"$@\"; echo $? >&3; } 2>&1 3>\"$0\" | true", bench.home("code"), Acuity.path, "watch",
        bench.input, bench.output, "--model", bench.model, "--settle", "0.1", "--isolation", isolation,
      ])
    for number in 1...3 {
      try bench.put(smallPicture(number), "\(number).png")
      try #require(run.waits { bench.status?.done == number })
    }
    kill(try #require(bench.status).process, SIGTERM)
    #expect(eventually { bench.status?.state == .stopped })
    #expect(run.wait().code == 0)
    #expect(FileManager.default.contents(atPath: bench.home("code")) == Data("0\n".utf8))
  }

  @Test func aReaderOfItsMessagesWhoDoesNotReadDoesNotHoldUpTheEnd() throws {
    let bench = try WatchBench()
    let pipe = bench.home("pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    let reader = open(pipe, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    // No room for a single message.
    while write(reader, [0], 1) == 1 {}
    try #require(errno == EAGAIN)
    let run = try Run(
      path: "/bin/sh",
      [
        "-c", "exec \"$@\" 2>\"$0\"", pipe, Acuity.path, "watch", bench.input, bench.output, "--model",
        bench.model,
      ])
    let marker = bench.input + "/.acuity-watched"
    #expect(run.waits { FileManager.default.fileExists(atPath: marker) })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
  }

  @Test func aCodecThatIsAtWorkIsNotWaitedFor() throws {
    let bench = try WatchBench()
    try bench.put(faultyPicture("hang"), "slow.jpg")
    let run = try bench.start(["--codec-timeout", "40"], environment: WorkerFault.variables)
    #expect(eventually { bench.status?.working.first?.file == "slow.jpg" })
    usleep(300_000)
    run.signal(SIGTERM)
    let result = run.wait()
    // Waited for, it would not have ended by itself.
    #expect(result.code == 0 && !result.errors.contains("does not end"), "\(result.errors)")
    let entry = try #require(try bench.ledger().entry(for: Array("slow.jpg".utf8)))
    #expect(entry.state == .pending && entry.attempts == 0)
  }

  @Test func aReplacementThatWasKilledIsNotTakenForDone() throws {
    let bench = try WatchBench()
    let first = try bench.start()
    try bench.put(smallPicture(1, as: .jpeg), "a.jpg")
    #expect(eventually { bench.result("a.jpg") != nil })
    #expect(eventually { bench.status?.done == 1 })
    first.signal(SIGTERM)
    #expect(first.wait().code == 0)
    let old = bench.result("a.jpg")
    let second = try bench.start(["--done", "delete"], environment: WorkerFault.variables)
    let new = try faultyPicture("hang", seed: 2)
    try bench.put(new, "a.jpg")
    // It dies in the middle of the work, to whose end the worker does not let it come.
    #expect(second.waits { bench.isAtWork })
    second.signal(SIGKILL)
    #expect(second.wait().code == 128 + SIGKILL)
    #expect(bench.result("a.jpg") == old)
    let third = try bench.start(["--done", "delete"])
    #expect(eventually { !FileManager.default.fileExists(atPath: bench.input + "/a.jpg") })
    third.signal(SIGTERM)
    #expect(third.wait().code == 0)
    #expect(try bench.outputs() == bench.expected(["a.jpg": new]))
  }

  @Test func aDamagedReplacementIsSetAsideAndNotDeleted() throws {
    let bench = try WatchBench()
    let run = try bench.start([
      "--done", "delete", "--failed", bench.home("failed"), "--attempts", "2",
    ])
    try bench.put(smallPicture(1, width: 60, height: 60), "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    #expect(eventually { !FileManager.default.fileExists(atPath: bench.input + "/a.png") })
    var damaged = try smallPicture(2, width: 60, height: 60)
    damaged[damaged.count / 2] ^= 0xff
    try bench.put(damaged, "a.png")
    #expect(eventually { !FileManager.default.fileExists(atPath: bench.input + "/a.png") })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    #expect(FileManager.default.contents(atPath: bench.home("failed/a.png")).map(Array.init) == damaged)
  }

  @Test func foldersForTwoPurposesAreRefused() throws {
    let bench = try WatchBench()
    for options in [
      ["--failed", bench.output], ["--done", "move", "--done-folder", bench.output],
      ["--failed", bench.output + "/failed"], ["--done", "move", "--done-folder", bench.output + "/done"],
    ] {
      let run = try Acuity.run(["watch", bench.input, bench.output, "--model", bench.model] + options)
      #expect(run.code == 64 && run.errors.contains("choose separate folders"), "\(run.errors)")
    }
    let state = try Acuity.run([
      "watch", bench.input, bench.home("new"), "--model", bench.model, "--state", bench.input,
    ])
    #expect(state.code == 64)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.output).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.input).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: bench.home("new")))
  }

  @Test func theNextPictureOfANameDoesNotTakeTheOutputsPlace() throws {
    let bench = try WatchBench()
    let run = try bench.start(["--done", "delete", "--attempts", "1"])
    try bench.put(smallPicture(1), "a.png")
    #expect(eventually { !FileManager.default.fileExists(atPath: bench.input + "/a.png") })
    let first = try #require(bench.result("a.png"))
    try bench.put(smallPicture(2), "a.png")
    #expect(eventually { bench.status?.quarantined == 1 })
    #expect(bench.result("a.png") == first)
    // What the message says helps.
    try FileManager.default.removeItem(atPath: bench.output + "/a.png")
    #expect(utimes(bench.input + "/a.png", nil) == 0)
    #expect(eventually { !FileManager.default.fileExists(atPath: bench.input + "/a.png") })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    #expect(try bench.outputs() == bench.expected(["a.png": smallPicture(2)]))
  }

  #if os(Linux)
    private static let strace = ["/usr/bin/strace", "/bin/strace"].first {
      FileManager.default.isExecutableFile(atPath: $0)
        && (try? Run(path: $0, ["-f", "-o", "/dev/null", "/bin/true"]).wait())?.code == 0
    }

    private static let canMount = {
      guard let home = try? TemporaryFolder() else { return false }
      return (try? Run.shell("mkdir a b && unshare -rm mount --bind a b", in: home.path))?.code == 0
    }()

    @Test(
      .enabled(if: canMount, "needs the right to mount"),
      arguments: [("part", 64), ("", 64), ("../other", 0)])
    func aBindMountOfAPartOfTheOutputIsNoInput(_ part: String, _ code: Int32) throws {
      let bench = try WatchBench()
      for name in ["out/part", "other"] {
        try FileManager.default.createDirectory(atPath: bench.home(name), withIntermediateDirectories: true)
      }
      let watch = "'\(Acuity.path)' watch in out --model bicubic"
      let run = try Run(
        path: "/bin/sh",
        [
          "-c", "cd \"$0\" && exec unshare -rm sh -c \"mount --bind out/\(part) in && exec \(watch)\"",
          bench.home.path,
        ])
      #expect(run.waits { run.messages.contains("watching") } == (code == 0))
      run.signal(SIGTERM)
      let result = run.wait()
      #expect(
        result.code == code && result.errors.contains("has it inside") == (code == 64), "\(result.errors)")
    }

    @Test(.enabled(if: strace != nil, "needs strace and the right to trace"))
    func aWatchedFolderNeedNotHaveLocksButTheStateDoes() throws {
      let bench = try WatchBench()
      try bench.put(smallPicture(1), "a.png")
      func start(_ calls: String) throws -> Run {
        try Run(
          path: Self.strace ?? "",
          [
            "-f", "-o", bench.home("trace"), "-e", "trace=flock", "-e", "inject=flock:error=ENOSYS\(calls)",
            "--",
            Acuity.path, "watch", bench.input, bench.output, "--model", bench.model, "--settle", "0.1",
          ])
      }
      // The first of all.
      let run = try start(":when=1")
      #expect(eventually { bench.result("a.png") != nil })
      kill(pid_t(try #require(bench.status?.process)), SIGTERM)
      let result = run.wait()
      #expect(result.code == 0 && result.errors.contains("its file system has no locks"), "\(result.errors)")
      let refused = try start("").wait()
      #expect(refused.code == 73 && refused.errors.contains("on a local disk (--state)"), "\(refused.errors)")
    }

    /// A signal that comes while it starts must find the handler: before the command looks at its options, and before any
    /// thread runs beside.
    @Test(.enabled(if: strace != nil, "needs strace and the right to trace"))
    func theSignalsAreItsOwnFromTheStart() throws {
      let bench = try WatchBench()
      let trace = bench.home("trace")
      let run = try Run(
        path: Self.strace ?? "",
        [
          "-f", "-o", trace, "-e", "trace=rt_sigaction,fcntl,clone,clone3,epoll_create1", "--", Acuity.path,
          "watch",
          bench.input, bench.input, "--model", bench.model,
        ]
      ).wait()
      #expect(run.code == 64)
      let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
      let handled = try #require(lines.firstIndex { $0.contains("rt_sigaction(SIGTERM, {") })
      let room = try #require(lines.firstIndex { $0.contains("F_DUPFD_CLOEXEC") })
      #expect(handled < room)
    }
  #endif
}
