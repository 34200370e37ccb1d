import Acuity
import ArgumentParser
import Folders
import Foundation
import Ledger
import TestSupport
import Testing
import Watching

@testable import AcuityCommand

/// `acuity watch` from outside, as a service manager and its users see it.
@Suite struct WatchCommandTests {
  @Test func enlargesWhatComesAndEndsInGoodOrder() throws {
    let bench = try WatchBench()
    let run = try bench.start(["--metrics", bench.home("metrics.prom"), "--done", "move"])
    let picture = try smallPicture(1)
    try bench.put(picture, "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    #expect(eventually { FileManager.default.fileExists(atPath: bench.input + "/done/a.png") })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(try bench.outputs() == bench.expected(["a.png": picture]))
    #expect(bench.status?.state == .stopped && bench.status?.done == 1)
    let metrics = try #require(FileManager.default.contents(atPath: bench.home("metrics.prom")))
    #expect(String(decoding: metrics, as: UTF8.self).contains("acuity_watch_done_total 1\n"))
  }

  @Test func theStateIsWhereItIsWanted() throws {
    let bench = try WatchBench()
    try FileManager.default.createDirectory(atPath: bench.home("state"), withIntermediateDirectories: true)
    let run = try bench.start(["--state", bench.home("state"), "--status", bench.home("said.json")])
    try bench.put(smallPicture(1), "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(FileManager.default.fileExists(atPath: bench.home("state/ledger.sqlite")))
    #expect(FileManager.default.fileExists(atPath: bench.home("said.json")))
    #expect(!FileManager.default.fileExists(atPath: bench.output + "/.acuity/ledger.sqlite"))
    #expect(bench.status == nil)
  }

  @Test func everyOptionArrives() throws {
    func settings(_ options: String...) throws -> WatchSettings {
      try WatchOptions.parse(options).settings(input: Path(bytes("in")), output: Path(bytes("out")))
    }
    let usual = try settings()
    #expect(usual.done == .keep && usual.failed == nil && usual.state == bytes("out/.acuity"))
    #expect(usual.attempts == 3 && usual.jobs == 2 && usual.settle == .seconds(2) && usual.polls == nil)
    #expect(usual.scanInterval == .seconds(60) && usual.stallLimit == .seconds(300))
    let given = try settings(
      "--done", "move", "--failed", "bad", "--attempts", "5", "--settle", "0.5", "--poll", "--rescan", "1",
      "--jobs", "7", "--state", "state", "--status", "status", "--metrics", "metrics", "--stall-limit", "20")
    #expect(given.done == .move(bytes("in/done")) && given.failed == bytes("bad"))
    #expect(given.attempts == 5 && given.settle == .seconds(0.5) && given.polls == true && given.jobs == 7)
    #expect(given.scanInterval == .seconds(1) && given.stallLimit == .seconds(20))
    #expect(given.pollInterval == .seconds(1), "polling is no rarer")
    #expect(given.state == bytes("state") && given.statusFile == bytes("status"))
    #expect(given.metricsFile == bytes("metrics"))
    #expect(try settings("--done", "delete").done == .delete)
    #expect(try settings("--done", "move", "--done-folder", "there").done == .move(bytes("there")))
  }

  @Test(arguments: ["--status", "--metrics"]) func noPictureIsReplacedByWhatIsSaid(_ option: String) throws {
    for file in ["in/photo.JPG", "status.png"] {
      let error = #expect(throws: (any Error).self) { try WatchOptions.parse([option, file]) }
      #expect(
        WatchOptions.message(for: try #require(error)).contains(
          "another ending than a picture's, not \(file)"))
    }
    _ = try WatchOptions.parse([option, "in/png"])
  }

  @Test(arguments: [["--poll"], ["--no-poll"]]) func changesAreLearnedAsAsked(_ options: [String]) throws {
    let bench = try WatchBench()
    let run = try bench.start(options)
    #expect(eventually { bench.status?.state == .watching })
    #expect((bench.status?.method == "polling") == (options == ["--poll"]))
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
  }

  @Test(arguments: [["--metadata", "strip"], []]) func metadataIsKeptUnlessUnwanted(_ options: [String])
    throws
  {
    let bench = try WatchBench()
    var image = Pictures.noise(width: 9, height: 7, layout: .rgb, seed: 1)
    image.metadata.resolution = Metadata.Resolution(x: 300, y: 300, unit: .inch)
    try bench.put(try ImageFile.encode(image, as: .jpeg), "a.jpg")
    let run = try bench.start(options)
    #expect(eventually { bench.result("a.jpg") != nil })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    let output = try ImageFile.read(bytes: try #require(bench.result("a.jpg")))
    #expect((output.metadata.resolution == nil) == !options.isEmpty)
  }

  @Test func picturesAreReadAsAskedAndWarningsAreNoNews() throws {
    let bench = try WatchBench()
    let printed = try #require(Data(base64Encoded: UpscaleOptionTests.printed))
    try bench.put(Array(printed), "printed.jpg")
    try bench.put(smallPicture(1, width: 40, height: 40), "large.png")
    try bench.put([1], "photo.tif")
    let run = try bench.start([
      "--cmyk", "convert", "--max-pixels", "1K", "--attempts", "1", "--quiet", "--log-format", "json",
    ])
    #expect(eventually { bench.result("printed.jpg") != nil })
    #expect(eventually { bench.status?.quarantined == 1 })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0 && bench.result("large.png") == nil)
    let lines = try result.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
    }
    let levels = Dictionary(lines.map { ($0["file"] ?? "", $0["level"] ?? "") }) { $1 }
    #expect(levels == ["photo.tif": "warning", "large.png": "error"], "\(result.errors)")
  }

  @Test(arguments: [1, 2]) func asManyAreInWorkAsAskedFor(_ jobs: Int) throws {
    let bench = try WatchBench()
    for index in 0..<3 { try bench.put(smallPicture(index, width: 300, height: 300), "\(index).png") }
    let run = try bench.start(["--jobs", "\(jobs)", "--scale", "8"], model: bench.slowModel())
    #expect(eventually { bench.status?.working.count == jobs })
    #expect(eventually { bench.status?.queued == 3 - jobs })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
  }

  @Test func theSameContentIsNotComputedTwice() throws {
    let bench = try WatchBench()
    let run = try bench.start()
    let picture = try smallPicture(1)
    try bench.put(picture, "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    try bench.put(picture, "b.png")
    #expect(eventually { bench.result("b.png") != nil })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    #expect(bench.result("a.png") == bench.result("b.png"))
    let entries = try bench.ledger().entries()
    #expect(entries.map(\.state) == [.done, .done])
    #expect(entries[0].outputDigest == entries[1].outputDigest)
  }

  @Test func anotherInputsOutputIsNeverTakenForOnesOwn() throws {
    let bench = try WatchBench()
    let run = try bench.start(["--format", "png", "--done", "delete", "--attempts", "1"])
    try bench.put(smallPicture(1), "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    let first = bench.result("a.png")
    // The same name for another picture: kept as an input, for it has no output.
    try bench.put(smallPicture(2, as: .jpeg), "a.jpg")
    #expect(eventually { (bench.status?.quarantined ?? 0) == 1 })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.errors.contains("is there already and is not this input's"))
    #expect(bench.result("a.png") == first)
    #expect(FileManager.default.fileExists(atPath: bench.input + "/a.jpg"))
  }

  @Test func whatABatchHasMadeIsTakenForDone() throws {
    let bench = try WatchBench()
    try bench.put(smallPicture(1), "a.png")
    try bench.put(smallPicture(2), "b.png")
    let batch = try Acuity.run(["upscale", bench.input, "-o", bench.output, "--model", bench.model])
    #expect(batch.code == 0, "\(batch.errors)")
    // Of the right form, but not what comes of the input.
    let other = try #require(bench.result("a.png"))
    try bench.home.write(other, to: "out/b.png")
    let run = try bench.start(["--done", "delete", "--attempts", "1"])
    #expect(eventually { bench.status?.done == 1 && bench.status?.quarantined == 1 })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.input).filter {
      $0.hasSuffix(".png")
    }
    #expect(left == ["b.png"])
    #expect(bench.result("a.png") == other && bench.result("b.png") == other)
  }

  @Test func overwritingSparesTheOutputsOfOtherInputs() throws {
    let bench = try WatchBench()
    try bench.home.write(Array("somebody's".utf8), to: "out/a.png")
    try bench.put(smallPicture(1), "a.png")
    try bench.put(smallPicture(2, as: .webp), "a.webp")
    let run = try bench.start([
      "--format", "png", "--if-exists", "overwrite", "--done", "delete", "--attempts", "1",
    ])
    #expect(eventually { bench.status?.done == 1 && bench.status?.quarantined == 1 })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0 && result.errors.contains("but that of a."), "\(result.errors)")
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.input).filter { $0.hasPrefix("a.") }
    #expect(left.count == 1)
  }

  @Test func onlyOneWorksInAFolderAndAKillFreesIt() throws {
    let bench = try WatchBench()
    for _ in 0..<20 {
      let first = try bench.start()
      #expect(
        eventually { bench.status?.process == first.processIdentifier && bench.status?.state == .watching })
      let before = try bench.outputs()
      let second = try Acuity.run([
        "watch", bench.input, bench.home("other"), "--model", bench.model,
      ])
      #expect(second.code == 75, "\(second.errors)")
      #expect(!FileManager.default.fileExists(atPath: bench.home("other")))
      let third = try bench.start().wait()
      #expect(third.code == 75)
      #expect(try bench.outputs() == before)
      first.signal(SIGKILL)
      #expect(first.wait().code == 128 + SIGKILL)
    }
  }

  @Test func mistakesAreRefusedWithTheirCodes() throws {
    let bench = try WatchBench()
    func code(_ arguments: [String]) throws -> Int32 { try Acuity.run(["watch"] + arguments).code }
    #expect(try code([bench.home("nowhere"), bench.output]) == 66)
    #expect(try code([bench.input, bench.input, "--model", bench.model]) == 64)
    #expect(try code([bench.input, bench.home("model.safetensors") + "/out"]) == 73)
    #expect(try code([bench.input, bench.output, "--model", bench.home("in")]) == 78)
    #expect(try code([bench.input, bench.output, "--settle", "never"]) == 64)
    #expect(try code([bench.input, bench.output, "--stages", "blur"]) == 64)
    #expect(try code([bench.input, bench.output, "--if-exists", "verify"]) == 64)
    #expect(try code([bench.input, bench.output, "--done-folder", "x"]) == 64)
  }

  @Test(arguments: [
    (64, ["--format", "png", "--name", "{stem}.jpg"]), (64, ["--stages", "nope"]),
    (64, ["--quality", "50", "--format", "png"]), (78, ["--model", "nope.safetensors"]),
  ])
  func mistakesAreToldBeforeAnythingIsMadeOrWaitedFor(_ code: Int, _ options: [String]) throws {
    let bench = try WatchBench()
    let new = bench.home("new")
    #expect(try Acuity.run(["watch", bench.input, new] + options).code == Int32(code))
    #expect(!FileManager.default.fileExists(atPath: new))
    // Where outputs have gone before, as if its disk were away.
    try bench.put(Array("outputs go to \(new)\n".utf8), ".acuity-watched")
    #expect(try Acuity.run(["watch", bench.input, new] + options).code == Int32(code))
  }

  @Test func aPoisonFileCostsNobodyElseAndSurvivesNoRestart() throws {
    let bench = try WatchBench()
    try bench.put(faultyPicture("crash"), "bad.jpg")
    try bench.put(smallPicture(1), "good.png")
    let run = try bench.start(environment: WorkerFault.variables)
    #expect(eventually { bench.result("good.png") != nil })
    // One second and ten seconds pass between the attempts.
    #expect(eventually { bench.status?.quarantined == 1 })
    run.signal(SIGKILL)
    _ = run.wait()
    var entry = try #require(try bench.ledger().entry(for: Array("bad.jpg".utf8)))
    #expect(entry.state == .quarantined && entry.attempts == 3 && entry.reason?.contains("bad.jpg") == true)

    let again = try bench.start(environment: WorkerFault.variables)
    try bench.put(smallPicture(2), "more.png")
    #expect(eventually { bench.result("more.png") != nil })
    #expect(bench.status?.failedAttempts == 0)
    // Its content is another now, and a sound one.
    try bench.put(smallPicture(3, as: .jpeg), "bad.jpg")
    #expect(eventually { bench.result("bad.jpg") != nil })
    again.signal(SIGTERM)
    #expect(again.wait().code == 0)
    entry = try #require(try bench.ledger().entry(for: Array("bad.jpg".utf8)))
    #expect(entry.state == .done && entry.attempts == 1)
  }

  @Test func aSecondSignalEndsItAtOnce() throws {
    let bench = try WatchBench()
    let run = try bench.start()
    #expect(eventually { bench.status?.state == .watching })
    run.signal(SIGSTOP)
    run.signal(SIGTERM)
    run.signal(SIGINT)
    run.signal(SIGCONT)
    #expect(run.wait().code == 130)
  }

  @Test func namesAreBytes() throws {
    let bench = try WatchBench()
    var names = [
      "plain.png", "two words.png", " space.png", "-dash.png", "--scale.png", "ümlaut.png", "e\u{301}.png",
      "\u{e9}.png", "日本語.png", "🦊.png", "a\nb.png", "a\tb.png", "\u{1b}[31mred.png", "a\rb.png", "'q'.png",
      "\"q\".png", "$(x).png", "`x`.png", "a;b.png", "a&b.png", "a|b.png", "a*b.png", "a?b.png", "a\\b.png",
      "%s%n.png", "{stem}.png", "a#b.png", "~.png", "con.png", "a..png", "..a.png.png", "UPPER.PNG", "x.JpEg",
      "\u{202e}gnp.png", "\u{200b}.png", "\u{7f}.png", "\u{85}.png", "a:b.png",
    ].map { Array($0.utf8) }
    if TemporaryFolder.takesRawNames {
      names += [Array("bad\u{0}.png".utf8).map { $0 == 0 ? 0xff : $0 }, [0xc3, 0x28] + Array(".png".utf8)]
    }
    names += [Array(repeating: UInt8(ascii: "n"), count: 251) + Array(".png".utf8)]
    let visible = names.filter { $0.first != UInt8(ascii: ".") }
    for (index, name) in names.enumerated() {
      let isJPEG = escaped(name).hasSuffix("JpEg")
      try bench.put(smallPicture(index, as: isJPEG ? .jpeg : .png), name)
    }
    let run = try bench.start(["--log-format", "text"])
    #expect(eventually { (bench.status?.done ?? 0) >= visible.count })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0)
    let made = try Folder(Array(bench.output.utf8)).names().filter { $0 != Array(".acuity".utf8) }
    #expect(Set(made).symmetricDifference(visible).map { escaped($0) } == [])
    // Nothing that a terminal would obey.
    #expect(!result.messages.contains { $0 < 0x20 && $0 != 0x0a || $0 == 0x7f })
    // Lines end where messages do, not in the middle of "a\nb.png".
    #expect(!result.errors.split(separator: "\n").contains { $0.hasPrefix("b.png") })
  }

  @Test func moreSubfoldersThanAProcessMayHaveOpenAreLookedInto() throws {
    let bench = try WatchBench()
    let count = 300
    for index in 0..<count { mkdir(bench.input + "/\(index)", 0o700) }
    // Whatever the order, some of the last are among them.
    let places = [0, 1, count / 2, count - 2, count - 1]
    for place in places { try bench.home.write(smallPicture(place), to: "in/\(place)/a.png") }
    let arguments = [
      "-c", "ulimit -n 200; exec \"$0\" \"$@\"", Acuity.path, "watch", bench.input, bench.output, "--model",
      bench.model, "--settle", "0.1", "--poll",
    ]
    let run = try Run(path: "/bin/sh", arguments)
    for place in places { #expect(eventually { bench.result("\(place)/a.png") != nil }) }
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0 && !result.errors.contains("Too many"), "\(result.errors)")
  }

  #if os(Linux)
    @Test func theFoldersNamesAreBytesToo() throws {
      let bench = try WatchBench()
      let folders = ["i", "o"].map { Array(bench.home($0).utf8) + [0xff] }
      try Folder(folders[0], create: true).write(smallPicture(1), to: Array("a.png".utf8), replacing: false)
      let run = try Acuity.start(
        [Array("watch".utf8)] + folders
          + ["--model", bench.model, "--settle", "0.1"].map { Array($0.utf8) })
      #expect(
        eventually {
          let names = try? Folder(folders[1]).names()
          return names?.contains(Array("a.png".utf8)) == true
        })
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
    }
  #endif

  @Test func filesThatAreNoPicturesBlockNothing() throws {
    let bench = try WatchBench()
    mkfifo(bench.input + "/fifo.png", 0o600)
    try makeSocket("socket.png", in: bench.input)
    // Devices are root's to make, and only others than root are kept from reading.
    let hasDevice = mknod(bench.input + "/device.png", S_IFCHR | 0o600, 0x103) == 0
    try bench.put(smallPicture(3), "unreadable.png")
    chmod(bench.input + "/unreadable.png", 0)
    let isUnreadable = access(bench.input + "/unreadable.png", R_OK) != 0
    try FileManager.default.createDirectory(
      atPath: bench.input + "/folder.png", withIntermediateDirectories: true)
    try bench.put([], "empty.png")
    try bench.put(Array("just text, and not even short enough to be the start of a picture".utf8), "text.png")
    try bench.put(Array(smallPicture(1).dropLast(20)), "cut.png")
    let sparse = try #require(fopen(bench.input + "/sparse.png", "w"))
    ftruncate(fileno(sparse), 10 << 30)
    fclose(sparse)
    try bench.put(smallPicture(2), "good.png")
    let run = try bench.start(["--attempts", "1", "--failed", bench.home("failed")])
    #expect(eventually { bench.result("good.png") != nil })
    #expect(
      eventually {
        let problems = Set(bench.status?.problems.map(\.file) ?? [])
        return problems
          == Set(["fifo.png", "socket.png", "empty.png", "cut.png"]).union(
            hasDevice ? ["device.png"] : []
          ).union(isUnreadable ? ["unreadable.png"] : [])
      })
    for name in ["text.png", "text.png.json", "sparse.png", "sparse.png.json"] {
      #expect(eventually { FileManager.default.fileExists(atPath: bench.home("failed/" + name)) }, "\(name)")
    }
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0)
    #expect(result.errors.contains("text.png: given up after 1 attempt: "), "\(result.errors)")
    #expect(
      try bench.outputs().keys.sorted() == ["good.png"] + (isUnreadable ? [] : ["unreadable.png"]))
  }
}
