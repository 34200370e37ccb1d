import Acuity
import Batch
import Foundation
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("acuity upscale")
struct UpscaleTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  @Test("A file becomes a file of the size asked for")
  func sizes() throws {
    try fixture.put(try UpscaleFixture.picture(width: 30, height: 20), "a.png")
    let input = fixture.inputs + "/a.png"
    for (arguments, size) in [
      ([], Size(width: 60, height: 40)), (["--scale", "2.5"], Size(width: 75, height: 50)),
      (["--scale", "1"], Size(width: 30, height: 20)), (["--scale", "8"], Size(width: 240, height: 160)),
      (["--width", "45"], Size(width: 45, height: 30)), (["--height", "50"], Size(width: 75, height: 50)),
      (["--fit", "100x50"], Size(width: 75, height: 50)),
      (["--megapixels", "0.0054"], Size(width: 90, height: 60)),
      (["--stages", "upscale:megapixels=0.0054"], Size(width: 90, height: 60)),
      (["--width", "50", "--height", "21"], Size(width: 50, height: 21)),
      (["--stages", "upscale:scale=3,grayscale"], Size(width: 90, height: 60)),
    ] {
      let run = try Acuity.run(
        [
          "upscale", input, "-o", fixture.folder("b.png"), "--model", fixture.model, "--if-exists",
          "overwrite",
        ]
          + arguments)
      #expect(run.code == 0, "\(arguments): \(run.errors)")
      #expect(try ImageFile.header(fixture.folder("b.png")).size == size, "\(arguments)")
    }
  }

  @Test("The output is what the library makes")
  func sameAsLibrary() throws {
    try fixture.put(try UpscaleFixture.picture(layout: .rgba, depth: 16), "a.png")
    #expect(try fixture.run().code == 0)
    let network = try Network(ModelCatalog.load(fixture.model))
    let image = try ImageFile.read(fixture.inputs + "/a.png")
    let expected = try Upscaler(network).upscale(image, to: Size(width: 48, height: 32))
    #expect(try ImageFile.read(fixture.outputs + "/a.png") == expected)
  }

  @Test("The format is the one asked for, else the output's extension, else the input's")
  func formats() throws {
    try fixture.put(try UpscaleFixture.picture(as: .jpeg), "a.png")
    for (output, arguments, format) in [
      ("x.webp", [], ImageFormat.webp), ("x", [], .jpeg), ("x.dat", ["--format", "png"], .png),
      ("folder/", [], .jpeg), ("folder2/", ["--format", "webp", "--lossless"], .webp),
      ("p.jpg", ["--progressive", "--quality", "40"], .jpeg),
    ] {
      let run = try Acuity.run(
        ["upscale", fixture.inputs + "/a.png", "-o", fixture.folder(output), "--model", fixture.model]
          + arguments)
      #expect(run.code == 0, "\(output): \(run.errors)")
      let path = output.hasSuffix("/") ? output + "a." + (format == .jpeg ? "jpg" : "webp") : output
      #expect(try ImageFile.header(fixture.folder(path)).format == format, "\(output)")
    }
  }

  @Test("No output gets a name that lies about its format")
  func misleadingNames() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    for (output, arguments) in [
      ("x.gif", []), ("x.TIFF", []), ("x.bmp", []), ("x.avif", ["--format", "png"]),
      ("x.jpg", ["--format", "webp"]), ("x.bmp", ["--format", "png"]),
    ] {
      let run = try Acuity.run(
        ["upscale", fixture.inputs + "/a.png", "-o", fixture.folder(output), "--model", fixture.model]
          + arguments)
      #expect(run.code == 64, "\(output): \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: fixture.folder(output)))
    }
  }

  @Test("What a refusal advises is an option that there is")
  func advice() throws {
    let help = try Acuity.run(["upscale", "--help"]).text
    let refusals: [ImageFileError.Cause] = [
      .animated(.webp, frames: 3), .cmyk(.jpeg), .tooManyPixels(Size(width: 9, height: 9), limit: 4),
    ]
    for refusal in refusals {
      let (setting, values) = try #require(refusal.settings.first)
      let option = try #require(UpscaleCommand.spelling(of: setting, values: values))
      #expect(help.contains("\(option.prefix { $0 != " " }) <"), "\(option)")
    }
  }

  @Test("A tree is mirrored, and one bad file is listed at the end with its reason")
  func tree() throws {
    try fixture.putPictures(12)
    try fixture.put(Array("no picture".utf8), "2/bad.png")
    try fixture.put(Array("words".utf8), "2/notes.txt")
    let run = try fixture.run(["--scale", "1.5"])
    #expect(run.code == 1)
    #expect(try fixture.tree().count == 12)
    let last = try #require(run.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("acuity: error: ") && last.contains("in/2/bad.png"))
    #expect(run.errors.contains("12 done, 1 skipped, 1 failed"))
    #expect(run.output.isEmpty)
  }

  @Test("Exit codes say who must act")
  func exitCodes() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    try fixture.put(try UpscaleFixture.picture(layout: .rgba), "clear.png")
    let input = fixture.inputs + "/a.png"
    let output = fixture.folder("o/")
    try fixture.folder.write([1], to: "file")
    try fixture.folder.write([1], to: "model.safetensors")
    for (arguments, code, words) in [
      (["upscale"], Int32(64), "Usage"), (["upscale", input], 64, "--output"),
      (["upscale", input, "-o", output, "--scale", "9"], 64, "1 to 8"),
      (["upscale", input, "-o", output, "--scale", "0.5"], 64, "1 to 8"),
      (["upscale", input, "-o", output, "--scale", "nan"], 64, "scale"),
      (["upscale", input, "-o", output, "--scale", "2", "--width", "9"], 64, "more than one"),
      (["upscale", input, "-o", output, "--width", "0"], 64, "width"),
      (["upscale", input, "-o", output, "--fit", "10"], 64, "fit"),
      (["upscale", input, "-o", output, "--megapixels", "0"], 64, "0.001 to 1000000"),
      (["upscale", input, "-o", output, "--format", "gif"], 64, "png, jpeg, webp"),
      (["upscale", input, "-o", output, "--quality", "0"], 64, "1 to 100"),
      (["upscale", input, "-o", output, "--png-level", "10"], 64, "0 to 9"),
      (["upscale", input, "-o", output, "--name", "{nothing}"], 64, "{stem}"),
      (["upscale", input, "-o", output, "--shard", "0/2"], 64, "1/n to n/n"),
      (["upscale", input, "-o", output, "--stages", "nosuch"], 64, "upscale"),
      (["upscale", input, "-o", output, "--events-fd", "99"], 64, "99"),
      (["upscale", fixture.folder("absent.png"), "-o", output], 66, "absent.png"),
      (["upscale", fixture.folder("absent.png"), input, "-o", output], 1, "absent.png"),
      (["upscale", input, "-o", fixture.folder("file/x.png")], 73, "file"),
      (["upscale", input, "-o", fixture.folder("unmade/"), "--report", fixture.folder("file")], 73, "file"),
      (
        ["upscale", input, "-o", output, "--model", fixture.folder("model.safetensors")], 78,
        "model.safetensors"
      ),
      (["upscale", fixture.inputs + "/clear.png", "-o", output, "--format", "jpeg"], 1, "alpha"),
      (["upscale", input, "-o", output, "--max-pixels", "100"], 1, "--max-pixels"),
    ] {
      let model = arguments.contains("--model") ? [] : ["--model", fixture.model]
      let run = try Acuity.run(arguments + model)
      #expect(run.code == code, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
    }
    #expect(try fixture.tree(fixture.folder("unmade")).isEmpty, "where the report cannot go is known before")
  }

  @Test("A run that has nothing to do leaves nothing behind but the report that it was asked for")
  func nothingToDo() throws {
    try fixture.put(Array("no picture".utf8), "bad.png")
    try fixture.put(Array("words".utf8), "texts/notes.txt")
    let (output, report) = (fixture.folder("made/out/"), fixture.folder("report"))
    for (input, code) in [("absent.png", Int32(66)), ("texts", 66), ("bad.png", 1)] {
      let run = try Acuity.run([
        "upscale", fixture.inputs + "/" + input, "-o", output, "--model", fixture.model, "--ledger",
        fixture.folder("made/ledger"), "--report", report,
      ])
      #expect(run.code == code, "\(input): \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: fixture.folder("made")), "\(input)")
      #expect(try fixture.tree(report).keys.contains("report.json"), "\(input)")
    }
  }

  @Test("An existing output is skipped, verified, overwritten, renamed or an error")
  func existing() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    try fixture.put(Array("mine".utf8), Array("a.png".utf8), in: fixture.outputs)
    let mine = try fixture.tree()
    let refused = try fixture.run()
    #expect(
      refused.code != 0 && refused.errors.contains("already there"), "no good output: \(refused.errors)")
    #expect(try fixture.tree() == mine)
    #expect(try fixture.run(["--if-exists", "fail"]).code == 73)
    #expect(try fixture.tree() == mine)
    #expect(try fixture.run(["--if-exists", "rename"]).code == 0)
    let both = try fixture.tree()
    #expect(both.keys.sorted() == ["a-1.png", "a.png"] && both["a.png"] == Array("mine".utf8))
    #expect(try fixture.run(["--if-exists", "verify"]).code == 0)
    let after = try fixture.tree()
    #expect(after["a.png"] == both["a-1.png"])
  }

  @Test("Whatever has an output's name is renamed around: a file, a folder, a link to one")
  func renamesAroundFolders() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let manager = FileManager.default
    try manager.createDirectory(atPath: fixture.outputs + "/a.png", withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: fixture.outputs + "/a-1.png", withDestinationPath: "a.png")
    let plan = try fixture.run(["--if-exists", "rename", "--dry-run"])
    #expect(plan.code == 0 && plan.text.contains("/a-2.png"), "\(plan.text) \(plan.errors)")
    let run = try fixture.run(["--if-exists", "rename"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree()["a-2.png"]?.isEmpty == false)
    #expect(try manager.contentsOfDirectory(atPath: fixture.outputs + "/a.png").isEmpty)
    // Where the name has to be that one, it is in the way.
    let refused = try fixture.run(["--if-exists", "overwrite"])
    #expect(refused.code == 73 && refused.errors.contains("in the way"), "\(refused.errors)")
  }

  @Test("With a ledger, what has changed is made again and what has not is not")
  func ledger() throws {
    try fixture.putPictures(6)
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try fixture.run(ledger).code == 0)
    let first = try fixture.tree()
    #expect(try fixture.run(ledger).errors.contains("6 skipped"))
    try fixture.put(try UpscaleFixture.picture(seed: 99), "0/0.png")
    #expect(try fixture.run(ledger).errors.contains("1 done, 5 skipped"))
    let second = try fixture.tree()
    #expect(second.filter { first[$0.key] != $0.value }.keys.sorted() == ["0/0.png"])
    #expect(try fixture.run(ledger + ["--scale", "3"]).errors.contains("6 done"))
    let other = ledger + ["--scale", "3", "--algorithm", "direct"]
    #expect(try fixture.run(other).errors.contains("6 done"))
    // The last bits may differ.
    #expect(try fixture.run(other + ["--isa", "baseline"]).errors.contains("6 done"))
  }

  @Test("A model that makes no numbers makes no picture")
  func notFinite() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: .greatestFiniteMagnitude, count: 9),
      relu: false)
    let model = try fixture.folder.write(Model(layers: [layer, layer]).serialized(), to: "huge.safetensors")
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let run = try Acuity.run(["upscale", fixture.inputs, "-o", fixture.outputs, "--model", model])
    #expect(run.code == 78 && run.errors.contains("the model's output is no number"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
  }

  @Test("What an option cannot do for the one format of all outputs is refused, for several it is not")
  func idleOptions() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let input = fixture.inputs + "/a.png"
    for (output, options, word) in [
      ("x.jpg", ["--png-level", "3"], "--png-level"), ("x.png", ["--progressive"], "--progressive"),
      ("x.png", ["--quality", "3"], "--quality"), ("x.png", ["--no-lossless"], "always lossless"),
      ("x.webp", ["--lossless", "--quality", "30"], "--quality"),
      ("x.webp", ["--progressive"], "--progressive"),
      ("x/", ["--format", "png", "--quality", "90"], "--quality"),
    ] {
      let run = try Acuity.run(
        ["upscale", input, "-o", fixture.folder(output), "--model", fixture.model] + options)
      #expect(run.code == 64 && run.errors.contains(word), "\(output) \(options): \(run.errors)")
    }
    try fixture.put(try UpscaleFixture.picture(as: .jpeg), "b.jpg")
    try fixture.put(try UpscaleFixture.picture(as: .webp), "c.webp")
    let run = try fixture.run(["--quality", "80", "--png-level", "3", "--progressive", "--lossless"])
    #expect(run.code == 0, "\(run.errors)")
  }

  @Test("A pattern of names says the format as a file's name does, and --lossless asks for what there is")
  func formatOfNames() throws {
    try fixture.putPictures(1)
    #expect(try fixture.run(["--name", "{stem}-x.webp"]).code == 0)
    let output = try #require(try fixture.tree().first)
    #expect(output.key.hasSuffix("-x.webp") && output.value.starts(with: Array("RIFF".utf8)))
    for options in [
      ["--name", "{stem}.jpg", "--format", "png"], ["--name", "x.tiff"], ["--lossless", "--format", "jpeg"],
    ] {
      #expect(try fixture.run(options).code == 64, "\(options)")
    }
  }

  @Test("Quiet says nothing of success; JSON is JSON to the last line")
  func messages() throws {
    try fixture.putPictures(3)
    let quiet = try fixture.run(["--quiet"])
    #expect(quiet.code == 0 && quiet.errors.isEmpty && quiet.output.isEmpty)
    let json = try fixture.run(["--if-exists", "overwrite", "--log-format", "json"])
    let lines = try json.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.filter { $0["event"] as? String == "done" }.count == 3)
    #expect(lines.last?["event"] as? String == "summary" && lines.last?["code"] as? Int == 0)
  }

  @Test("Parts of a batch share the work and leave nothing out")
  func shards() throws {
    try fixture.putPictures(20)
    #expect(try fixture.run(["--shard", "1/2"]).code == 0)
    let half = try fixture.tree().count
    #expect((1..<20).contains(half))
    #expect(
      try fixture.run(
        ["--shard", "auto"],
        environment: [
          "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "2",
        ]
      ).code == 0)
    #expect(try fixture.tree().count == 20)
  }

  @Test("A part that no file has fallen to is done")
  func emptyParts() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    for part in 1...3 {
      #expect(try fixture.run(["--shard", "\(part)/3", "--dry-run"]).code == 0)
      let run = try fixture.run(["--shard", "\(part)/3"])
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(try fixture.tree().count == 1)
    try FileManager.default.removeItem(atPath: fixture.inputs + "/a.png")
    #expect(try fixture.run(["--shard", "1/3"]).code == 66, "nothing is divided")
  }

  @Test("A list names further inputs", arguments: ["\n", "\r\n", "\0"])
  func list(_ end: String) throws {
    try fixture.putPictures(4)
    let list = ["0/0.png", "1/1.jpg"].map { "\(fixture.inputs)/\($0)\(end)" }.joined() + end
    try fixture.folder.write(Array(list.utf8), to: "list")
    let run = try Acuity.run(
      ["upscale", "--files-from", fixture.folder("list"), "-o", fixture.outputs, "--model", fixture.model])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["0.png", "1.jpg"])

    // The last line may be left open.
    fixture.clearOutputs()
    try fixture.folder.write(Array(list.utf8.dropLast(2 * end.utf8.count)), to: "list")
    let open = try Acuity.run(
      ["upscale", "--files-from", fixture.folder("list"), "-o", fixture.outputs, "--model", fixture.model])
    #expect(open.code == 0, "\(open.errors)")

    // A folder may be in it, and a byte order mark before it.
    fixture.clearOutputs()
    try fixture.folder.write([0xef, 0xbb, 0xbf] + Array((fixture.inputs + "/1" + end).utf8), to: "list")
    let folder = try Acuity.run(
      ["upscale", "--files-from", fixture.folder("list"), "-o", fixture.outputs, "--model", fixture.model])
    #expect(folder.code == 0, "\(folder.errors)")
    #expect(try fixture.tree().keys.contains("1.jpg"))
  }

  @Test("A list in UTF-16 is refused: its letters would be names", arguments: [[0xff, 0xfe], [0xfe, 0xff]])
  func listOfWideCharacters(_ mark: [UInt8]) throws {
    let letters = "\(fixture.inputs)\n".utf8.flatMap { mark[0] == 0xff ? [$0, 0] : [0, $0] }
    try fixture.folder.write(mark + letters, to: "list")
    let run = try Acuity.run(
      ["upscale", "--files-from", fixture.folder("list"), "-o", fixture.outputs, "--model", fixture.model])
    #expect(run.code == 66 && run.errors.contains("the list is in UTF-16"), "\(run.errors)")
  }

  @Test("Several lists add up")
  func lists() throws {
    try fixture.putPictures(2)
    let lists = try ["0/0.png", "1/1.jpg"].enumerated().flatMap { index, path in
      ["--files-from", try fixture.folder.write(Array("\(fixture.inputs)/\(path)".utf8), to: "list\(index)")]
    }
    let run = try Acuity.run(["upscale", "-o", fixture.outputs, "--model", fixture.model] + lists)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["0.png", "1.jpg"])
  }

  @Test(
    "Each picture of a tree that find lists is made once, in its place", arguments: [[], ["--recursive"]])
  func found(options: [String]) throws {
    try fixture.putPictures(4)
    let line = "cd \"$1\" && shift && find in | \"$0\" \"$@\""
    let arguments =
      ["upscale", "--files-from", "-", "-o", fixture.outputs, "--model", fixture.model] + options
    let run = try Run(path: "/bin/sh", ["-c", line, Acuity.path, fixture.folder.path] + arguments).wait()
    #expect(run.code == 0 && run.errors.contains("4 done"), "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["in/0/0.png", "in/1/1.jpg", "in/2/2.webp", "in/3/3.png"])
  }

  @Test(
    "A stop leaves whole outputs or none, ends with 130, and the next run finishes",
    arguments: [SIGINT, SIGTERM, SIGHUP])
  func interruption(_ signal: Int32) throws {
    for index in 0..<29 {
      try fixture.put(
        try UpscaleFixture.picture(width: 200, height: 200, seed: UInt64(index)), "\(index).png")
    }
    // However fast the machine is, the batch does not come to its end by itself.
    try fixture.put(try UpscaleFixture.faulty("hang"), "z.jpg")
    let options = ["--scale", "4", "--ledger", fixture.folder("ledger")]
    let run = try Acuity.start(
      fixture.arguments(options).map { Array($0.utf8) }, environment: WorkerFault.variables)
    #expect(try run.waits { try !fixture.tree().isEmpty })
    run.signal(signal)
    let result = run.wait()
    #expect(result.code == 130, "\(result.errors)")
    #expect(result.errors.contains("interrupted"))
    let some = try fixture.tree()
    #expect((1..<30).contains(some.count) && !some.keys.contains { $0.contains(".acuity-") })
    #expect(try fixture.run(options).code == 0)
    let all = try fixture.tree()
    #expect(all.count == 30 && some.allSatisfy { all[$0.key] == $0.value })
  }
}
