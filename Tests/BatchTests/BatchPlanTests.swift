import Acuity
import Batch
import Folders
import Foundation
import Stages
import TestSupport
import Testing

@Suite struct BatchPlanTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  func plan(
    isRecursive: Bool = true, root: String? = nil, name: NamePattern = .same, format: ImageFormat? = nil,
    _ change: (inout InputSelection, inout Job) throws -> Void = { _, _ in }
  ) async throws -> BatchPlan {
    var job = Job(outputs: [
      try Job.Output("resize:scale=2", root: root ?? outputs.path, name: name, format: format)
    ])
    var selection = InputSelection(arguments: [bytes(inputs.path)])
    selection.isRecursive = isRecursive
    try change(&selection, &job)
    return try await BatchPlan(selection, job: job)
  }

  func targets(_ plan: BatchPlan) -> [String] {
    plan.files.flatMap { $0.outputs.map(\.path.description) }
  }

  @Test func theTreeIsMirroredInTheOrderOfTheNamesBytes() async throws {
    for path in ["b.png", "a/x.png", "a/b/y.png", "Z.png", ".acuity-0123456789abcdef.tmp"] {
      try inputs.put(try picture(), path)
    }
    #expect(try await targets(plan()) == ["Z.png", "a/b/y.png", "a/x.png", "b.png"])
    let flat = try await plan(isRecursive: false)
    #expect(targets(flat) == ["Z.png", "b.png"])
    #expect(flat.notes.count == 1, "that a folder was not entered is said")
    #expect(flat.files.allSatisfy { $0.outputs[0].size == Size(width: 40, height: 24) })
  }

  @Test func aScaleInANameHasItsDigits() async throws {
    try inputs.put(try picture(width: 100, height: 20), "a.png")
    for (width, scale) in [(105, "1.05"), (150, "1.5"), (125, "1.25"), (300, "3")] {
      let named = try await plan(name: NamePattern("{scale}.{ext}")) { [outputs] _, job in
        job.outputs[0] = try Job.Output(
          "resize:width=\(width)", root: outputs.path, name: job.outputs[0].name)
      }
      #expect(targets(named) == ["\(scale).png"])
    }
  }

  @Test func whatLosesBitsIsSaid() async throws {
    for name in ["a.png", "b.png"] { try inputs.put(try picture(depth: 16), name) }
    try inputs.put(try picture(), "c.png")
    #expect(try await plan().notes.isEmpty)
    let note = try #require(try await plan(format: .jpeg).notes.first)
    #expect(note.contains("2 pictures of 16 bits") && note.contains("png does"))
  }

  @Test func settingsAreNamedAsTheUserWritesThemOrNotAtAll() async throws {
    try inputs.put(try picture(width: 9000, height: 1), "wide.png")
    try inputs.put(try picture(layout: .rgba), "clear.png")
    try inputs.put(try picture(depth: 16), "deep.png")
    try inputs.put(try picture(), "sub/a.png")
    func texts(_ format: ImageFormat, _ spelling: JobSetting.Spelling?) async throws -> String {
      let plan = try await plan(isRecursive: false, format: format) { _, job in
        job.limits.maxPixels = 20_000
        job.spelling = spelling ?? job.spelling
      }
      let failures = plan.entries.compactMap {
        if case .failed(_, let failure) = $0 { failure.reason } else { nil }
      }
      let transparent = plan.files.flatMap(\.outputs).compactMap(\.unlessOpaque?.reason)
      return (failures + transparent + plan.notes).joined(separator: "\n")
    }
    let jpeg = try await texts(.jpeg) { "<\($0.rawValue) \($1)>" }
    for setting in [
      "<max-pixels []>", #"<format ["png", "webp"]>"#, #"<recursive ["true"]>"#,
      #"png does (<format ["png"]>)"#, "by the stage flatten",
    ] {
      #expect(jpeg.contains(setting), "\(jpeg)")
    }
    let neutral = try await texts(.jpeg, nil)
    #expect(neutral.contains("raise the limit") && neutral.contains("write PNG or WebP"), "\(neutral)")
    #expect(!neutral.contains("--") && !neutral.contains("max-pixels"), "\(neutral)")
  }

  @Test func whatIsDamagedBesideThePixelsIsSaid() async throws {
    for name in ["a.png", "b.png"] { try inputs.put(try picture() + [0], name) }
    try inputs.put(try picture(), "c.png")
    let notes = try await plan().notes
    #expect(notes.count == 1)
    #expect(notes.first?.contains("a.png and 1 more: left out, bytes behind the end of the PNG") == true)
  }

  @Test func whatIsNamedTwiceIsOneInput() async throws {
    for path in ["a.png", "sub/a.png"] { try inputs.put(try picture(), path) }
    func plan(_ names: [String]) async throws -> BatchPlan {
      try await self.plan { selection, _ in
        selection.arguments = names.map { bytes(inputs.path + "/" + $0) }
      }
    }
    let twice = try await plan(["a.png", "../" + (inputs.path as NSString).lastPathComponent + "/a.png"])
    #expect(targets(twice) == ["a.png"] && twice.entries.count == 2)
    await #expect(throws: Failure.self, "another file of that name is another") {
      try await plan(["a.png", "sub/a.png"])
    }
  }

  /// By whichever of its names, and wherever in the output's tree that would lead.
  @Test func whatIsNamedInTwoSpellingsIsOneInput() async throws {
    for path in ["a.png", "sub/a.png"] { try inputs.put(try picture(seed: UInt64(path.utf8.count)), path) }
    try #require(symlink(inputs.path + "/sub", inputs.path + "/link") == 0)
    func plan(_ names: [String], listed: [String] = []) async throws -> BatchPlan {
      try await self.plan { selection, _ in
        selection.arguments = names.map { bytes(inputs.path + $0) }
        selection.listed = listed.map { bytes(inputs.path + $0) }
      }
    }
    var reasons: [String] = []
    for (names, listed, repeats) in [
      (["", "/sub/a.png"], [], 1), (["", "/sub"], [], 1), ([""], ["/sub/a.png", "//sub/./a.png"], 2),
      (["", "/link"], ["/sub/../a.png", "/link/a.png"], 3),
    ] as [([String], [String], Int)] {
      let plan = try await plan(names, listed: listed)
      #expect(targets(plan).sorted() == ["a.png", "sub/a.png"], "\(names)")
      reasons = plan.entries.compactMap { if case .skipped(_, let reason) = $0 { reason } else { nil } }
      #expect(reasons.count == repeats, "\(reasons)")
    }
    #expect(reasons.last == "it was named before, as \(inputs.path)/sub/a.png")
    // Another name is another file, also if they share their content.
    try #require(link(inputs.path + "/a.png", inputs.path + "/hard.png") == 0)
    try #require(symlink("a.png", inputs.path + "/soft.png") == 0)
    #expect(
      try await targets(plan(["", "/soft.png"])).sorted() == ["a.png", "hard.png", "soft.png", "sub/a.png"])
  }

  @Test func noPartOfABatchTakesAnothersOutput() async throws {
    for name in ["a.png", "b.png", "c.png", "d.png"] { try inputs.put(try picture(), name) }
    func parts(_ root: String, name: NamePattern) async throws -> [BatchPlan] {
      let job = Job(outputs: [try Job.Output("resize:scale=2", root: root, name: name)])
      let selection = InputSelection(arguments: [bytes(inputs.path)])
      var plans: [BatchPlan] = []
      for number in 1...2 {
        plans.append(try await BatchPlan(selection, job: job, shard: Shard(number, of: 2)))
      }
      return plans
    }
    await #expect(throws: Failure.self, "all would be called 40.png") {
      try await parts(outputs.path, name: NamePattern("{width}.{ext}"))
    }
    // What the parts have made already lies among the inputs.
    let pattern = try NamePattern("{stem}_{scale}x.{ext}")
    for name in ["a", "b", "c", "d"] {
      try inputs.put(try picture(width: 40, height: 24), "\(name)_2x.png")
    }
    let plans = try await parts(inputs.path, name: pattern)
    #expect(plans.flatMap(targets).sorted() == ["a_2x.png", "b_2x.png", "c_2x.png", "d_2x.png"])
  }

  @Test func outputFoldersThatLieInOneAnotherAreSeenThrough() async throws {
    for path in ["a.png", "sub/a.png"] { try inputs.put(try picture(), path) }
    func plan(_ folders: [String]) async throws -> BatchPlan {
      let job = Job(outputs: try folders.map { try Job.Output("grayscale", root: outputs.path + "/" + $0) })
      var selection = InputSelection(arguments: [bytes(inputs.path)])
      selection.isRecursive = true
      return try await BatchPlan(selection, job: job)
    }
    #expect(try await plan(["x", "y"]).files.count == 2, "neither is there yet, but they are two")
    await #expect(throws: Failure.self) { try await plan(["out", "out/sub"]) }
    await #expect(throws: Failure.self) { try await plan(["out", "./out//"]) }
  }

  @Test func linksToFoldersAreSaid() async throws {
    try inputs.put(try picture(), "a.png")
    try outputs.put(try picture(), "real/x.png")
    #expect(symlink(outputs.path + "/real", inputs.path + "/link") == 0)
    let plan = try await plan(root: outputs.path + "/out")
    #expect(targets(plan) == ["a.png"])
    #expect(plan.notes.count == 1 && plan.notes[0].contains("1 link to a folder"))
    let without = try await self.plan(root: outputs.path + "/out") { selection, _ in
      selection.exclude = [Glob("link")].compactMap { $0 }
    }
    #expect(without.notes.isEmpty, "nobody wants it")
  }

  @Test func ofLargeFilesOnlyTheHeaderIsRead() async throws {
    func put(_ content: [UInt8], _ name: String, size: Int) throws {
      try inputs.put(content, name)
      #expect(truncate(inputs.path + "/" + name, off_t(size)) == 0)
    }
    try put(bytes("....ftypqt  "), "film.mov", size: 900 << 20)
    try put(bytes("....ftypqt  "), "long film.mov", size: 5 << 30)
    try put(try picture(), "large.png", size: 900 << 20)
    try put([], "giant.png", size: 5 << 30)
    let path = inputs.path
    let output = outputs.path
    await #expect(processExitsWith: .success) { [path = path as String, output = output as String] in
      let job = Job(outputs: [try Job.Output("grayscale", root: output)])
      let before = peakMemory()
      let plan = try await BatchPlan(InputSelection(arguments: [bytes(path)]), job: job)
      let kinds = plan.entries.map { entry in
        switch entry {
        case .work(let file): "work \(file.input.path)"
        case .failed(let input, _): "failed \(input.path)"
        case .skipped(let input, _): "skipped \(input.path)"
        }
      }
      #expect(kinds == ["skipped film.mov", "failed giant.png", "work large.png", "skipped long film.mov"])
      #expect(peakMemory() - before < 64 << 20)
    }
  }

  @Test func globsChooseAmongWhatIsFound() async throws {
    for path in ["a.png", "b.jpg", "keep/c.png", "drop/d.png"] { try inputs.put(try picture(), path) }
    let chosen = try await plan { selection, _ in
      selection.include = [Glob("*.png")].compactMap { $0 }
      selection.exclude = [Glob("drop")].compactMap { $0 }
    }
    #expect(targets(chosen) == ["a.png", "keep/c.png"])
  }

  @Test func whatPretendsToBeAPictureFailsAndOtherThingsAreSkipped() async throws {
    try inputs.put(bytes("hello"), "notes.txt")
    try inputs.put([], ".DS_Store")
    try inputs.put(bytes("hello"), "broken.png")
    try inputs.put([], "empty.jpg")
    let foreign = ["IMG_1.CR3", "IMG_1.HIF", "IMG_1.dng", "phone.HEIC"]
    for name in foreign { try inputs.put(bytes("....ftypheic"), name) }
    try inputs.put(bytes("\0\u{5}\u{16}\u{7}"), "._photo.jpg")
    #expect(mkfifo(inputs.path + "/fifo.png", 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: inputs.path + "/link.png", withDestinationPath: "/etc/passwd")
    let plan = try await plan()
    var failed: [String] = []
    var skipped: [String] = []
    for entry in plan.entries {
      switch entry {
      case .failed(let input, _): failed.append(input.path.description)
      case .skipped(let input, _): skipped.append(input.path.description)
      case .work: Issue.record("nothing here is a picture")
      }
    }
    #expect(failed == (["broken.png", "empty.jpg"] + foreign).sorted())
    #expect(skipped == [".DS_Store", "._photo.jpg", "fifo.png", "link.png", "notes.txt"])
  }

  @Test func theFormatIsTheContentsNotTheNames() async throws {
    try inputs.put(try picture(as: .jpeg), "x.png")
    #expect(try await targets(plan()) == ["x.jpg"])
  }

  @Test func twoInputsOfOneOutputStopTheBatchBeforeItBegins() async throws {
    try inputs.put(try picture(), "a.png")
    try inputs.put(try picture(as: .jpeg), "a.jpg")
    #expect(try await targets(plan()).count == 2)
    do {
      _ = try await plan(format: .webp)
      Issue.record("planned")
    } catch let failure as Batch.Failure {
      #expect(failure.culprit == .usage)
      #expect(failure.reason.contains("a.jpg") && failure.reason.contains("/a.webp"))
    }
    #expect(
      try await targets(plan(name: NamePattern("{name}.{ext}"), format: .webp)) == [
        "a.jpg.webp", "a.png.webp",
      ])
  }

  @Test func anOutputInAnInputsPlaceIsRefused() async throws {
    try inputs.put(try picture(), "a.png")
    await #expect(throws: Batch.Failure.self) { try await plan(root: inputs.path) }
    try inputs.put(try picture(), "a_2x.png")
    let again = try await plan(root: inputs.path, name: NamePattern("{stem}_2x.{ext}"))
    #expect(targets(again) == ["a_2x.png"], "an earlier run's output is no input")
  }

  @Test func theOutputFolderIsNeverEntered() async throws {
    try inputs.put(try picture(), "a.png")
    try inputs.put(try picture(), "out/a.png")
    #expect(try await targets(plan(root: inputs.path + "/out")) == ["a.png"])
  }

  @Test func whatAFormatCannotHoldIsRefusedFromTheHeader() async throws {
    try inputs.put(try picture(width: 9000, height: 1), "wide.png")
    try inputs.put(try picture(layout: .rgba), "clear.png")
    let webp = try await plan(format: .webp)
    guard case .failed(_, let tooWide) = webp.entries[1] else { throw Batch.Failure(.usage, "planned") }
    #expect(tooWide.reason.contains("wide.png") && tooWide.reason.contains("write PNG"))
    let jpeg = try await plan(format: .jpeg)
    // Whether its alpha says anything only its pixels tell.
    let clear = try #require(jpeg.files.first?.outputs.first)
    #expect(clear.layout == .rgb && clear.unlessOpaque?.reason.contains("alpha") == true)
    let both = try await plan(format: .jpeg) { _, job in job.limits.maxPixels = 900 }
    #expect(both.files.isEmpty, "what is more than that is refused at once")
  }

  @Test func coloursThatAFormatHasNoPlaceForAreNamedOnce() async throws {
    for name in ["a", "b"] {
      var image = Pictures.noise(width: 20, height: 12, layout: .gray, seed: 1)
      image.metadata.iccProfile = [UInt8](repeating: 0, count: 16) + bytes("GRAY")
      try inputs.put(try ImageFile.encode(image, as: .png), "gray-\(name).png")
    }
    var linear = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    linear.metadata.pngColor = [0, 0, 0, 4] + bytes("gAMA") + [0, 1, 0x86, 0xa0]
    try inputs.put(try ImageFile.encode(linear, as: .png), "linear.png")
    func notes(_ format: ImageFormat, _ metadata: EncodeOptions.MetadataPolicy = .keep) async throws
      -> [String]
    {
      try await plan(format: format) { _, job in job.outputs[0].encoding.metadata = metadata }.notes
    }
    let webp = try await notes(.webp)
    #expect(webp.count == 2)
    #expect(
      webp.contains { $0.contains("gray-a.png and 1 more: ") && $0.contains("profile of a gray picture") })
    #expect(
      webp.contains { $0.contains("linear.png: ") && $0.contains("gAMA") && $0.contains("png does") })
    #expect(try await notes(.jpeg).count == 1)
    #expect(try await notes(.png).isEmpty)
    #expect(try await notes(.webp, .strip).isEmpty)
  }

  @Test(arguments: [
    (
      "the extension of its XMP",
      Metadata(
        xmp: bytes("<x xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>"),
        extendedXMP: bytes("<y/>"))
    ),
    ("its IPTC", Metadata(iptc: [0x1c, 2, 120, 0, 1, 0x41])),
  ])
  func whatOnlyAJPEGHoldsIsSaidToStayThere(part: String, metadata: Metadata) async throws {
    var image = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    image.metadata = metadata
    try inputs.put(try ImageFile.encode(image, as: .jpeg), "a.jpg")
    #expect(try await plan(format: .jpeg) { _, _ in }.notes.isEmpty)
    for format in [ImageFormat.png, .webp] {
      let notes = try await plan(format: format) { _, _ in }.notes
      #expect(notes.count == 1)
      #expect(
        notes.first?.hasSuffix("a.jpg: left out, \(part): \(format) has no place for it; jpeg does") == true)
    }
  }

  @Test func whatItsOwnStagesTakeAwayStandsInNoOutputsWay() async throws {
    var image = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    image.metadata.xmp = [UInt8](repeating: 0x20, count: 100_000)
    image.metadata.pngColor = [0, 0, 0, 4] + bytes("gAMA") + [0, 1, 0x86, 0xa0]
    try inputs.put(try ImageFile.encode(image, as: .png), "a.png")
    func plan(_ stages: String) async throws -> BatchPlan {
      try await self.plan { _, job in
        job.outputs = [try Job.Output(stages, root: outputs.path, name: .same, format: .jpeg)]
      }
    }
    guard case .failed(_, let failure) = try await plan("resize:scale=2").entries[0] else {
      throw Batch.Failure(.usage, "planned")
    }
    #expect(failure.reason.contains("XMP packet of 100000 bytes"))
    let stripped = try await plan("strip-metadata,resize:scale=2")
    #expect(targets(stripped) == ["a.jpg"] && stripped.notes.isEmpty)
  }

  /// The next run would clear such an output away.
  @Test func noOutputIsCalledLikeATemporaryFile() async throws {
    try inputs.put(try picture(), "a.png")
    let plan = try await plan(name: NamePattern(".acuity-0123456789abcdef.tmp-{stem}.{ext}"))
    guard case .failed(_, let failure) = plan.entries[0] else { throw Batch.Failure(.usage, "planned") }
    #expect(failure.culprit == .outputName && failure.reason.contains("temporary"))
  }

  @Test func aNameIsAsLongAsFileSystemsTakeItAtMost() async throws {
    let name = String(repeating: "a", count: 251) + ".png"
    try inputs.put(try picture(), name)
    #expect(try await targets(plan()) == [name])
    let plan = try await plan(name: NamePattern("{stem}_.{ext}"))
    guard case .failed(_, let failure) = plan.entries[0] else { throw Batch.Failure(.usage, "planned") }
    #expect(failure.culprit == .outputName && failure.reason.contains("256 bytes"))
  }

  @Test func limitsHoldForInputsAndOutputs() async throws {
    try inputs.put(try picture(width: 100, height: 100), "a.png")
    for limit in [9_999, 39_999] {
      let refused = try await plan { _, job in job.limits.maxPixels = limit }
      guard case .failed(_, let failure) = refused.entries[0] else { throw Batch.Failure(.usage, "planned") }
      #expect(failure.reason.contains("raise the limit"))
    }
    #expect(try await plan { _, job in job.limits.maxPixels = 40_000 }.files.count == 1)
    let small = try await plan { _, job in job.maxMemory = 1 << 20 }
    guard case .failed(_, let failure) = small.entries[0] else { throw Batch.Failure(.usage, "planned") }
    #expect(failure.reason.contains("--max-memory"))
  }
}
