import Acuity
import ArgumentParser
import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing
import Training

@testable import AcuityCommand

@Suite("acuity train")
struct TrainTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder("set"), withIntermediateDirectories: true)
    for seed in 1...4 {
      let image = Pictures.noise(width: 40, height: 36, layout: .rgb, seed: UInt64(seed))
      try folder.write(try ImageFile.encode(image, as: .png), to: "set/\(seed).png")
    }
  }

  func arguments(_ name: String, _ more: [String] = []) -> [String] {
    [
      "train", folder("set"), "--out", folder(name), "--depth", "3", "--width", "8", "--patch", "16",
      "--batch",
      "4", "--steps", "400", "--checkpoint-every", "0.05", "--threads", "1",
    ] + more
  }

  /// With a checkpoint after every step it takes so long that a signal comes in time.
  let slowly = ["--checkpoint-every", "0"]

  @Test("What would fail at the end, or spoil another training, is refused at the beginning")
  func refusedAtOnce() throws {
    try FileManager.default.createDirectory(atPath: folder("taken"), withIntermediateDirectories: true)
    let isFolder = try Acuity.run(arguments("taken", ["--work", folder("work")]))
    #expect(isFolder.code == 73 && isFolder.errors.contains("is a folder"))
    #expect(!FileManager.default.fileExists(atPath: folder("work/history.csv")))
    #expect(try Acuity.run(arguments("set/1.png/m.safetensors", ["--work", folder("work")])).code == 73)

    let short = ["--steps", "2"]
    #expect(try Acuity.run(arguments("m.safetensors", short)).code == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: folder("m.safetensors")))
    let again = try Acuity.run(arguments("m.safetensors", short))
    #expect(again.code == 73 && again.errors.contains("--resume"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder("m.safetensors"))) == before)
    let other = try Acuity.run([
      "train", folder("set"), "--out", folder("m.safetensors"), "--resume", "--recipe", "paper",
    ])
    #expect(other.code == 64 && other.errors.contains("default"))
  }

  @Test("Nothing but a file is replaced, also through a link")
  func placeOfNoFile() throws {
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: folder("pipe"))
    for name in ["pipe", "link"] {
      let run = try Acuity.run(arguments(name, ["--steps", "1"]))
      #expect(run.code == 73 && run.errors.contains("is a fifo"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder("\(name).training")))
      let attributes = try FileManager.default.attributesOfItem(atPath: folder(name))
      #expect(attributes[.type] as? FileAttributeType != .typeRegular)
    }
  }

  @Test("The model does not take the place of the training's own files")
  func placeOfAnother() throws {
    for name in ["checkpoint-000000001.acuity", "history.csv", "history.html"] {
      let own = try Acuity.run(arguments("work/\(name)", ["--steps", "1", "--work", folder("work/.")]))
      #expect(own.code == 64 && own.errors.contains("give --out another name"), "\(own.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder("work")))
    #expect(try Acuity.run(arguments("work/m", ["--steps", "1", "--work", folder("work")])).code == 0)
  }

  @Test("Says which folder is missing, and why none of its files can be learned from")
  func noPictures() throws {
    let missing = try Acuity.run(arguments("m.safetensors") + [folder("nowhere")])
    #expect(missing.code == 66 && missing.errors.contains("nowhere: No such file"))
    try FileManager.default.createDirectory(atPath: folder("notes"), withIntermediateDirectories: true)
    try folder.write(Array("no picture".utf8), to: "notes/a.png")
    let notes = try Acuity.run(["train", folder("notes"), "--out", folder("n.safetensors")])
    #expect(notes.code == 66 && notes.errors.contains("notes/a.png"))
  }

  @Test("Names the options with which a picture would be learned from")
  func options() throws {
    // Behind the header, of 33 bytes: that it has two frames.
    let control: [UInt8] =
      [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 2, 0, 0, 0, 0, 0xf3, 0x8d, 0x93, 0x70]
    let still = try ImageFile.encode(Pictures.noise(width: 40, height: 36, layout: .rgb, seed: 9), as: .png)
    try folder.write(still[..<33] + control + still[33...], to: "set/moving.png")
    let large = Pictures.noise(width: 60, height: 60, layout: .gray, seed: 9)
    try folder.write(try ImageFile.encode(large, as: .png), to: "set/large.png")
    let run = try Acuity.run(arguments("m.safetensors", ["--steps", "2", "--max-pixels", "2000"]))
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("explicitly (--animation first-frame); it is left out"), "\(run.errors)")
    #expect(run.errors.contains("trusted (--max-pixels); it is left out"), "\(run.errors)")
    let willing = try Acuity.run(
      arguments("n.safetensors", ["--steps", "2", "--animation", "first-frame", "--max-pixels", "4K"]))
    #expect(willing.code == 0 && !willing.errors.contains("it is left out"), "\(willing.errors)")
  }

  @Test("Says what all scales together cost of the pictures' sides")
  func manyScales() throws {
    let all = try Acuity.run(arguments("m.safetensors", ["--degrade", "bicubic=2,3,4,5,6,7,8"]))
    #expect(all.code == 66 && all.errors.contains("cut to multiples of 840"), "\(all.errors)")
    let some = try Acuity.run(arguments("m.safetensors", ["--degrade", "bicubic=3,5", "--steps", "1"]))
    #expect(some.code == 0 && some.errors.contains("cut to multiples of 15"), "\(some.errors)")
  }

  @Test("A training that cannot begin leaves no folder, but takes none away")
  func nothingBegun() throws {
    let run = try Acuity.run(["train", folder("nowhere"), "--out", folder("n.safetensors")])
    #expect(run.code == 66)
    #expect(!FileManager.default.fileExists(atPath: folder("n.safetensors.training")))
    let below = try Acuity.run(["train", folder("nowhere"), "--out", folder("new/sub/n.safetensors")])
    #expect(below.code == 66)
    #expect(!FileManager.default.fileExists(atPath: folder("new")))
    try FileManager.default.createDirectory(atPath: folder("mine"), withIntermediateDirectories: true)
    let own = ["train", folder("nowhere"), "--out", folder("n.safetensors"), "--work", folder("mine")]
    #expect(try Acuity.run(own).code == 66)
    #expect(FileManager.default.fileExists(atPath: folder("mine")))
  }

  @Test("A picture in the place of a result's name stays what it is")
  func pictureAsOutput() throws {
    let picture = try UpscaleFixture.picture()
    let path = try folder.write(picture, to: "photo.png")
    for arguments in [
      ["train", folder("set"), "--out", path, "--steps", "1", "--depth", "1"],
      ["bench", "network", "--size", "8", "--repeats", "1", "--output", path],
    ] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 64 && run.errors.contains("\(path) has a picture's ending"), "\(run.errors)")
      #expect(FileManager.default.contents(atPath: path).map(Array.init) == picture)
    }
  }

  @Test("A picture that is named twice counts once, and the user hears of it")
  func namedTwice() throws {
    let run = try Acuity.run(arguments("m.safetensors", ["--steps", "2", folder("set/1.png")]))
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("set/1.png: named twice, counted once"), "\(run.errors)")
    #expect(run.errors.contains("pictures: 4 to learn from"), "\(run.errors)")
  }

  @Test("Two ways to begin a network are one too many")
  func twoBeginnings() throws {
    let run = try Acuity.run(
      arguments("m.safetensors", ["--initial", "fast", "--initialization", "he"]))
    #expect(run.code == 64 && run.errors.contains("give one of them"), "\(run.errors)")
  }

  @Test("Says that it is stuck, also in a run of few steps, and that too few pictures are held out")
  func stuck() throws {
    let run = try Acuity.run(arguments("m.safetensors", ["--steps", "20", "--rate", "1e-20"]))
    #expect(run.code == 0 && run.errors.contains("stuck: no better than bicubic interpolation"))
    #expect(run.errors.contains("hardly changed: try a higher --rate"), "\(run.errors)")
    #expect(!run.errors.contains("--initialization"), "it begins from the identity already: \(run.errors)")
    #expect(run.errors.contains("too few pictures to hold any out"))
  }

  /// Printed against had, as a difference, so that what the process has besides drops out. A sanitizer has memory of its own.
  @Test(
    "Prints the memory that it then takes",
    .disabled(if: isSanitized, "the sanitizer has memory of its own"))
  func memory() throws {
    func figures(_ width: String) throws -> (printed: Double, had: Double) {
      let run = try Acuity.run(
        arguments(
          "\(width).safetensors",
          [
            "--depth", "6", "--width", width, "--batch", "1", "--threads", "1", "--steps", "3",
            "--log-format",
            "json",
          ]))
      #expect(run.code == 0, "\(run.errors)")
      let events = try run.errors.split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
      }
      func number(_ event: String, _ key: String) throws -> Double {
        let found = try #require(events.last { $0["event"] as? String == event })
        return try #require(found[key] as? NSNumber).doubleValue
      }
      return (try number("memory", "computing"), try number("done", "peak_memory"))
    }
    let (small, large) = (try figures("8"), try figures("144"))
    let share = (large.printed - small.printed) / (large.had - small.had)
    #expect(share > 0.8 && share < 1.3, "\(small), \(large)")
  }

  @Test("Every option of a recipe arrives")
  func recipe() throws {
    func recipe(_ options: String...) throws -> Recipe {
      var recipe = Recipe.standard
      try TrainingOptions.parse(options).apply(to: &recipe)
      return recipe
    }
    #expect(try recipe() == .standard)
    let given = try recipe(
      "--steps", "7", "--degrade", "bicubic=2", "blur=0-1", "--reduce", "1", "0.7", "--patch", "33",
      "--batch", "5", "--rate", "0.25", "--border", "3", "--hardest", "4", "--averaging", "0.5",
      "--optimizer", "sgd", "--loss", "charbonnier", "--clip", "variables=2", "--schedule", "constant",
      "--decay", "0.75", "--initialization", "he", "--seed", "9", "--hold-out", "6")
    #expect(given.length == .steps(7) && given.degradations == ["bicubic=2", "blur=0-1"])
    #expect(given.reductions == [1, 0.7] && given.patch == 33 && given.batch == 5 && given.rate == 0.25)
    #expect(given.border == 3 && given.sampling == .random(candidates: 4) && given.averaging == 0.5)
    #expect(given.method == OptimizerChoice.sgd.method && given.loss == LossChoice.charbonnier.loss)
    #expect(given.clipping == .variableNorm(theta: 2) && given.initialization == .he)
    #expect(given.schedule == .constantThenDecay(warmUp: 0.02, decay: 0.75))
    #expect(given.seed == 9 && given.holdOut == 6)
    #expect(try recipe("--epochs", "8").length == .epochs(8))
    #expect(try recipe("--minutes", "0.5").length == .minutes(0.5))
    for (text, clipping) in [
      ("none", Optimizer.Clipping.none), ("elements=3", .elements(theta: 3)), ("global=4", .globalNorm(4)),
    ] {
      #expect(try recipe("--clip", text).clipping == clipping)
    }
  }

  @Test(
    "Options that make no sense are refused",
    arguments: [
      ["--measure-every", "0"], ["--checkpoint-every", "nan"], ["--threads", "0"], ["--max-memory", "0"],
      ["--checkpoint-every", "1e300"], ["--checkpoint-every", "-1"], ["--checkpoint-every", "inf"],
      ["--steps", "0"], ["--steps", "1", "--epochs", "1"], ["--steps", "1", "--minutes", "1"],
      ["--minutes", "inf"], ["--rate", "1e40"], ["--rate", "nan"], ["--averaging", "nan"],
      ["--decay", "nan"],
      ["--seed", "-1"], ["--seed", "1e40"], ["--reduce", "1e40"], ["--hold-out", "1"],
      ["--schedule", "cosine", "--decay", "0.5"], ["--recipe", "paper", "--decay", "0.5"],
      ["--clip", "elements=-1"], ["--clip", "elements=inf"], ["--clip", "global=1e40"],
      ["--clip", "variables=nan"], ["--clip", "elements=0"], ["--degrade", "bicubic=1"],
      ["--degrade", "jpeg=0-101"],
      ["--clip", "elements"], ["--clip", "elements=1=1"], ["--optimizer", "sdg"], ["--loss", "mse"],
      ["--schedule", "linear"], ["--initialization", "zero"], ["--recipe", "seed"],
      ["--isa", "sse9"], ["--patch=-3"], ["--patch", "9223372036854775807"],
      ["--degrade"] + [String](repeating: "bicubic=2,3,4,5,6,7,8", count: 20),
    ])
  func wrongOptions(_ more: [String]) throws {
    let run = try Acuity.run(arguments("m.safetensors", more))
    #expect(run.code == 64, "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder("m.safetensors.training")))
  }

  @Test("After infinite numbers the model is there, and a lower rate goes on")
  func infinite() throws {
    let run = try Acuity.run(
      arguments(
        "m.safetensors",
        [
          "--steps", "20", "--rate", "1e22", "--optimizer", "sgd", "--checkpoint-every", "0", "--hold-out",
          "2",
        ]))
    #expect(run.code == 1 && run.errors.contains("--resume and a lower --rate"), "\(run.errors)")
    #expect(run.errors.contains("orientation"))
    let model = try Model(contentsOf: folder("m.safetensors"))
    #expect(model.metadata[Model.Key.recipe]?.contains("after 0 steps") == true)
    let on = try Acuity.run(arguments("m.safetensors", ["--steps", "20", "--resume", "--rate", "0.0001"]))
    #expect(on.code == 0 && on.errors.contains("dB on the held-out pictures"), "\(on.errors)")
  }

  @Test("A PSNR that is no number names the batch")
  func infinitePSNR() throws {
    let run = try Acuity.run(
      arguments(
        "m.safetensors", ["--steps", "20", "--rate", "1e38", "--optimizer", "sgd", "--measure-every", "1"]))
    #expect(run.code == 1 && run.errors.contains("orientation"), "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: folder("m.safetensors")))
  }

  @Test(
    "Where the work folder takes nothing any more the training warns, and ends with the model and the cause")
  func workFolderIsGone() throws {
    let work = folder("m.safetensors.training")
    let run = try Acuity.start(
      arguments("m.safetensors", ["--steps", "100000000", "--checkpoint-every", "0.05"]).map {
        Array($0.utf8)
      })
    #expect(run.waits { FileManager.default.fileExists(atPath: work + "/history.html") })
    #expect(
      run.waits {
        try? FileManager.default.removeItem(atPath: work)
        return !FileManager.default.fileExists(atPath: work)
      })
    #expect(run.waits { run.messages.contains("the next checkpoint tries again") })
    run.signal(SIGINT)
    let end = run.wait()
    #expect(end.code == 73 && end.errors.contains("cannot create \(work)/checkpoint-"), "\(end.errors)")
    #expect(end.errors.contains("dB on the pictures that it has learned from"))
    #expect(FileManager.default.fileExists(atPath: folder("m.safetensors")))
  }

  @Test("A history that cannot be written is a warning, and the model does without")
  func historyCannotBeWritten() throws {
    try FileManager.default.createDirectory(
      atPath: folder("m.safetensors.training/history.csv/in the way"), withIntermediateDirectories: true)
    let run = try Acuity.run(arguments("m.safetensors", ["--steps", "2"]))
    #expect(run.code == 0 && run.errors.contains("the next measurement tries again"), "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: folder("m.safetensors")))
  }

  /// The only one, for none is due before the end.
  @Test("A model that cannot be written does not keep the last checkpoint from being written")
  func modelCannotBeWritten() throws {
    let options = ["--steps", "100000000", "--work", folder("work"), "--checkpoint-every", "1e9"]
    let run = try Acuity.start(arguments("models/m.safetensors", options).map { Array($0.utf8) })
    #expect(run.waits { FileManager.default.fileExists(atPath: folder("work/history.html")) })
    try FileManager.default.removeItem(atPath: folder("models"))
    run.signal(SIGINT)
    let end = run.wait()
    #expect(
      end.code == 73 && end.errors.contains("cannot create \(folder("models"))/m.safetensors"),
      "\(end.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("work"))
    #expect(names.filter { $0.hasSuffix(".acuity") }.count == 1)
  }

  @Test("What cannot be trained ends with a code that says who has to act")
  func refusals() throws {
    let nothing = try Acuity.run(["train", folder("nowhere"), "--out", folder("m.safetensors")])
    #expect(nothing.code == 66 && nothing.errors.contains("name a folder"))
    let wrong = try Acuity.run(arguments("m.safetensors", ["--degrade", "wavelet=2"]))
    #expect(wrong.code == 64 && wrong.errors.contains("wavelet"))
    let missing = try Acuity.run(arguments("m.safetensors", ["--recipe", "best"]))
    #expect(missing.code == 64 && missing.errors.contains("paper"))
  }
}
