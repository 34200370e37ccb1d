import Acuity
import Foundation
import Ledger
import Pixels
import TestSupport
import Testing
import Watching

/// Kills, stops, slow writers and lost events.
@Suite struct WatchStormTests {
  static let isFull = SharedData.runsFullTests

  private func pictures(_ count: Int) throws -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: try (0..<count).map { ("\($0).png", try smallPicture($0)) })
  }

  private func checkAllDone(_ bench: WatchBench, _ pictures: [String: [UInt8]]) throws {
    try checkOutputs(bench, bench.expected(pictures))
  }

  private func checkOutputs(_ bench: WatchBench, _ expected: [String: [UInt8]]) throws {
    #expect(try bench.outputs() == expected)
    let ledger = try bench.ledger()
    try ledger.checkIntegrity()
    #expect(try ledger.counts() == [.done: expected.count])
  }

  @Test func killsLoseNothingAndLeaveNothing() throws {
    let bench = try WatchBench()
    var pictures = try pictures(starts(1000))
    var expected = try bench.expected(pictures)
    let kills = starts(50)
    var inWork = 0
    var random = RandomSource(seed: 1)
    var waiting = pictures.sorted { $0.key < $1.key }
    for kill in 0..<kills {
      let before = bench.outputCount
      let run = try bench.start(["--jobs", "3"], settle: "0.05", environment: WorkerFault.variables)
      // One that is surely in work, for a worker gets stuck over it; another one each time, or it would be held back as
      // one over which the watcher dies.
      pictures["stuck.jpg"] = try faultyPicture("hang", seed: kill)
      try bench.put(pictures["stuck.jpg"] ?? [], "stuck.jpg")
      let share = waiting.count / (kills - kill)
      for (name, bytes) in waiting.prefix(share) { try bench.put(bytes, name) }
      waiting.removeFirst(share)
      // At any moment, and every other time among the outputs, however fast the machine is.
      #expect(eventually { bench.status?.process == run.processIdentifier })
      if kill % 2 == 0 {
        let enough = before + Int.random(in: 1...share / 2, using: &random)
        #expect(run.waits { bench.outputCount >= enough && bench.isAtWork })
        usleep(UInt32.random(in: 0..<10_000, using: &random))
      } else {
        usleep(UInt32.random(in: 0...200_000, using: &random))
      }
      run.signal(SIGKILL)
      #expect(run.wait().code == 128 + SIGKILL)
      if try !bench.ledger().entries(in: .running).isEmpty { inWork += 1 }
      // Whatever has its name by now is whole.
      for (name, bytes) in try bench.outputs() where !name.hasSuffix(".tmp") {
        #expect(expected[name] == bytes, "\(name)")
      }
    }
    let run = try bench.start()
    #expect(
      eventually {
        bench.status?.finished == pictures.count && bench.status?.process == run.processIdentifier
      })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    expected.merge(try bench.expected(["stuck.jpg": pictures["stuck.jpg"] ?? []])) { $1 }
    try checkOutputs(bench, expected)
    #expect(inWork * 2 >= kills, "the kills missed the work")
    for (name, bytes) in pictures {
      #expect(
        FileManager.default.contents(atPath: bench.input + "/" + name).map(Array.init) == bytes, "\(name)")
    }
  }

  /// Stops a watcher, and checks that it has ended in good order.
  private func stop(_ run: Run, _ bench: WatchBench, _ signal: Int32) throws {
    run.signal(signal)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(try !bench.outputs().keys.contains { $0.hasSuffix(".tmp") })
    #expect(try bench.ledger().entries(in: .running).isEmpty)
    #expect(bench.status?.state == .stopped)
  }

  private func finish(_ bench: WatchBench, _ pictures: [String: [UInt8]]) throws {
    let run = try bench.start()
    #expect(
      eventually {
        bench.status?.process == run.processIdentifier && bench.status?.finished == pictures.count
      })
    try stop(run, bench, SIGTERM)
    try checkAllDone(bench, pictures)
  }

  @Test func stopsInTheMiddleOfAPictureAreGraceful() throws {
    let bench = try WatchBench()
    let slow = try bench.slowModel()
    var pictures: [String: [UInt8]] = [:]
    var random = RandomSource(seed: 2)
    for number in 0..<starts(50) {
      let run = try bench.start(["--scale", "8", "--threads", "2"], settle: "0.05", model: slow)
      #expect(eventually { bench.status?.process == run.processIdentifier })
      // Narrow, so that a row of it takes little time, and the whole of it more than a test waits.
      let name = "\(number).png"
      pictures[name] = try smallPicture(number, width: 24, height: 800)
      try bench.put(pictures[name] ?? [], name)
      // One that is surely still in work, every other time until it is.
      if number % 2 == 0 {
        #expect(run.waits { bench.isAtWork })
        usleep(UInt32.random(in: 0...100_000, using: &random))
      } else {
        usleep(UInt32.random(in: 0...300_000, using: &random))
      }
      try stop(run, bench, Bool.random(using: &random) ? SIGTERM : SIGINT)
      #expect(try bench.outputs().isEmpty, "the model is too fast to be stopped at work")
    }
    try finish(bench, pictures)
  }

  @Test func stopsAmongManyPicturesAreGraceful() throws {
    let bench = try WatchBench()
    // One that is always at work, for a worker gets stuck over it.
    var pictures = ["stuck.jpg": try faultyPicture("hang")]
    try bench.put(pictures["stuck.jpg"] ?? [], "stuck.jpg")
    var random = RandomSource(seed: 3)
    for number in 0..<starts(50) {
      let before = bench.outputCount
      let run = try bench.start(["--jobs", "3"], settle: "0.05", environment: WorkerFault.variables)
      #expect(eventually { bench.status?.process == run.processIdentifier })
      for index in 0..<6 {
        let name = "\(number)-\(index).png"
        pictures[name] = try smallPicture(6 * number + index)
        try bench.put(pictures[name] ?? [], name)
      }
      // At any moment, and every other time among the outputs, however fast the machine is.
      if number % 2 == 0 {
        let enough = before + Int.random(in: 1...3, using: &random)
        #expect(run.waits { bench.outputCount >= enough })
        usleep(UInt32.random(in: 0..<10_000, using: &random))
      } else {
        usleep(UInt32.random(in: 0...200_000, using: &random))
      }
      try stop(run, bench, Bool.random(using: &random) ? SIGTERM : SIGINT)
      #expect(bench.result("stuck.jpg") == nil)
    }
    try finish(bench, pictures)
  }

  @Test func slowWritersAreWaitedFor() async throws {
    let bench = try WatchBench()
    let pictures = try pictures(100)
    let run = try bench.start(settle: Self.isFull ? "2" : "0.2")
    #expect(eventually { bench.status?.state == .watching })
    let (input, output) = (bench.input, bench.output)
    let early = await withTaskGroup(of: String?.self) { group in
      for (index, (name, bytes)) in pictures.sorted(by: { $0.key < $1.key }).enumerated() {
        group.addTask {
          let writer = SlowWriter(
            bytes: bytes, path: input + "/" + name, output: output + "/" + name, way: .init(index))
          return await writer.write() ? nil : name
        }
      }
      return await group.reduce(into: [String]()) { names, name in if let name { names.append(name) } }
    }
    #expect(early.isEmpty, "outputs before their inputs were whole")
    #expect(eventually { bench.status?.finished == pictures.count })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    try checkAllDone(bench, pictures)
  }

  #if os(Linux)
    @Test(.enabled(if: EventQueue.canOverflow, "needs a system whose queue of events is not endless"))
    func eventsThatAreLostAreMadeUpFor() throws {
      let bench = try WatchBench()
      let pictures = try pictures(30)
      let run = try bench.start(["--rescan", "3600"])
      #expect(eventually { bench.status?.state == .watching })
      run.signal(SIGSTOP)
      EventQueue.overflow(bench.input)
      for (name, bytes) in pictures { try bench.put(bytes, name) }
      run.signal(SIGCONT)
      #expect(eventually { bench.status?.finished == pictures.count })
      #expect(bench.status?.rescans ?? 0 >= 1)
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
      try checkAllDone(bench, pictures)
    }

    /// Of bytes, and of files.
    @Test(
      .enabled(if: SmallDisk.isPossible, "needs the right to mount"),
      arguments: [("size=1m", [400 << 10]), ("size=8m,nr_inodes=24", [Int](repeating: 0, count: 12))])
    func aFullDiskIsWaitedFor(_ options: String, _ fillers: [Int]) throws {
      let bench = try WatchBench()
      let disk = try SmallDisk(at: bench.output, options)
      // Room for the ledger and a few of the outputs, each of some 50 KB.
      for (index, size) in fillers.enumerated() {
        try bench.home.write([UInt8](repeating: 1, count: size), to: "out/.filler\(index)")
      }
      let pictures = Dictionary(
        uniqueKeysWithValues: try (0..<8).map { ("\($0).png", try smallPicture($0, width: 64, height: 64)) })
      var run = try bench.start()
      #expect(eventually { bench.status?.state == .watching })
      for (name, bytes) in pictures { try bench.put(bytes, name) }
      #expect(eventually { bench.status?.state == .paused })
      let reason = try #require(bench.status?.reason)
      #expect(reason.contains("disk full") && !reason.contains("run again"), "\(reason)")
      // Also by a start, which needs some room itself.
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
      #expect(bench.status?.state == .stopped)
      let more = fillUp(bench)
      run = try bench.start()
      #expect(eventually { bench.status?.state == .paused })
      #expect(bench.status?.reason?.contains("disk full") == true)
      for name in fillers.indices.map({ "out/.filler\($0)" }) + more {
        try FileManager.default.removeItem(atPath: bench.home(name))
      }
      #expect(eventually { bench.status?.finished == pictures.count && bench.status?.state == .watching })
      run.signal(SIGTERM)
      let result = run.wait()
      #expect(result.code == 0)
      #expect(result.errors.contains("paused until there is room: no space left"), "\(result.errors)")
      try checkAllDone(bench, pictures)
      withExtendedLifetime(disk) {}
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount"))
    func whatAKilledRunHasLeftDoesNotKeepTheDiskFull() throws {
      let bench = try WatchBench()
      let disk = try SmallDisk(at: bench.output, "size=1m")
      var run = try bench.start()
      #expect(eventually { bench.status?.state == .watching })
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
      let temporary = "out/.acuity-0123456789abcdef.tmp"
      try bench.home.write([UInt8](repeating: 1, count: 400 << 10), to: temporary)
      _ = fillUp(bench)
      try bench.put(smallPicture(1), "a.png")
      run = try bench.start()
      #expect(eventually { bench.result("a.png") != nil })
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
      withExtendedLifetime(disk) {}
    }

    /// Takes all room that the output folder's disk has left; returns the files that hold it.
    private func fillUp(_ bench: WatchBench) -> [String] {
      var files: [String] = []
      while true {
        let file = "out/.more\(files.count)"
        guard (try? bench.home.write([UInt8](repeating: 1, count: 4096), to: file)) != nil else {
          unlink(bench.home(file))
          return files
        }
        files.append(file)
      }
    }
  #endif
}

/// Writes a picture in pieces with pauses, in one of the ways that programs have.
struct SlowWriter {
  enum Way: CaseIterable {
    case open
    case reopening
    case renaming
    case linking
    case leftOpen

    init(_ index: Int) { self = Self.allCases[index % Self.allCases.count] }
  }

  let bytes: [UInt8]
  let path: String
  let output: String
  let way: Way

  /// False if there was an output before the last piece, or the picture could not be written.
  func write() async -> Bool {
    let pieces = WatchStormTests.isFull ? 10 : 5
    let pauses: ClosedRange<Int> = WatchStormTests.isFull ? 50...500 : 50...350
    let target = way == .renaming || way == .linking ? path + ".part" : path
    guard FileManager.default.createFile(atPath: target, contents: nil),
      var handle = FileHandle(forWritingAtPath: target)
    else { return false }
    var random = RandomSource(seed: UInt64(bytes.count))
    for piece in 0..<pieces {
      let range = bytes.count * piece / pieces..<bytes.count * (piece + 1) / pieces
      if piece > 0 { try? await Task.sleep(for: .milliseconds(Int.random(in: pauses, using: &random))) }
      // Looked for before the file is whole: from then on the output may come at any moment.
      if piece == pieces - 1, FileManager.default.fileExists(atPath: output) { return false }
      guard (try? handle.write(contentsOf: Data(bytes[range]))) != nil else { return false }
      if way == .reopening {
        try? handle.close()
        guard let next = FileHandle(forWritingAtPath: target) else { return false }
        handle = next
        _ = try? handle.seekToEnd()
      }
    }
    if way != .leftOpen { try? handle.close() }
    if way == .renaming { try? FileManager.default.moveItem(atPath: target, toPath: path) }
    if way == .linking { try? FileManager.default.linkItem(atPath: target, toPath: path) }
    return true
  }
}

#if os(Linux)
  /// A file system in memory with hardly any room.
  final class SmallDisk {
    private let path: String

    struct Failed: Error {}

    init(at path: String, _ options: String) throws {
      self.path = path
      guard mount("tmpfs", path, "tmpfs", 0, options) == 0 else { throw Failed() }
    }

    deinit {
      umount2(path, Int32(MNT_DETACH))
    }

    static let isPossible: Bool = {
      guard let home = try? TemporaryFolder() else { return false }
      return (try? SmallDisk(at: home.path, "size=64k")) != nil
    }()
  }
#endif
