import Foundation
import TestSupport
import Testing

/// Trainings that go on.
extension TrainTests {
  /// Killed without warning as soon as there is a checkpoint, then continued: the same file as without the kill.
  @Test("Goes on after kill -9 as if nothing had happened")
  func killed() throws {
    let whole = try Acuity.run(arguments("whole.safetensors"))
    #expect(whole.code == 0, "\(whole.errors)")

    let run = try Acuity.start(arguments("killed.safetensors", slowly).map { Array($0.utf8) })
    let work = folder("killed.safetensors.training")
    func checkpoints() -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []).filter { $0.hasSuffix(".acuity") }
    }
    #expect(run.waits { !checkpoints().isEmpty })
    run.signal(SIGKILL)
    #expect(run.wait().code == 128 + SIGKILL)
    #expect(!FileManager.default.fileExists(atPath: folder("killed.safetensors")))

    let rest = try Acuity.run([
      "train", folder("set"), "--out", folder("killed.safetensors"), "--resume", "--threads", "2",
    ])
    #expect(rest.code == 0, "\(rest.errors)")
    let models = try ["whole", "killed"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder("\($0).safetensors")))
    }
    #expect(models[0] == models[1])
    #expect(checkpoints().count == 2)
    let page = try String(contentsOfFile: work + "/history.html", encoding: .utf8)
    #expect(page.contains("PSNR x4"))
  }

  /// Stopped by the user and continued, with a measurement at the stop that must leave no trace.
  @Test("Goes on after an interrupt as if nothing had happened")
  func interrupted() throws {
    let often = ["--measure-every", "150"]
    #expect(try Acuity.run(arguments("whole.safetensors", often)).code == 0)
    let run = try Acuity.start(arguments("stopped.safetensors", often + slowly).map { Array($0.utf8) })
    let work = folder("stopped.safetensors.training")
    func begun() -> Bool {
      ((try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []).contains {
        $0.hasSuffix(".acuity")
      }
    }
    #expect(run.waits { begun() })
    run.signal(SIGINT)
    let stopped = run.wait()
    #expect(stopped.code == 130 && stopped.errors.contains("--resume"))
    #expect(FileManager.default.fileExists(atPath: folder("stopped.safetensors")))
    let rest = try Acuity.run(arguments("stopped.safetensors", often + ["--resume"]))
    #expect(rest.code == 0, "\(rest.errors)")
    func rows(_ name: String) throws -> [[Substring]] {
      let path = folder(name + ".safetensors.training/history.csv")
      // The third column is the time.
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
        line.split(separator: ",").enumerated().filter { $0.offset != 2 }.map(\.element)
      }
    }
    #expect(try rows("whole") == rows("stopped"))
    #expect(try rows("whole").map { $0[0] } == ["step", "0", "150", "300", "400"])
    let models = try ["whole", "stopped"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder("\($0).safetensors")))
    }
    #expect(models[0] == models[1])
  }

  @Test("Does not begin anew without being told to where every checkpoint is damaged")
  func damaged() throws {
    let name = "m.safetensors"
    #expect(try Acuity.run(arguments(name, ["--steps", "3", "--checkpoint-every", "0"])).code == 0)
    let work = folder("\(name).training")
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: work).filter {
      $0.hasSuffix(".acuity")
    }
    #expect(checkpoints.count == 2)
    for checkpoint in checkpoints { try folder.write([1, 2, 3], to: "\(name).training/\(checkpoint)") }
    let again = try Acuity.run(arguments(name, ["--resume"]))
    #expect(again.code == 66 && again.errors.contains("--work"), "\(again.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(work)/\(checkpoints[0])")).count == 3)
  }

  @Test("What a resumed run cannot change is refused where it differs, and accepted where it does not")
  func settled() throws {
    let first = [
      "--steps", "2", "--seed", "7", "--initialization", "he", "--hold-out", "2", "--checkpoint-every", "9",
    ]
    #expect(try Acuity.run(arguments("m.safetensors", first)).code == 0)
    for (option, value) in [
      ("--seed", "8"), ("--initialization", "identity"), ("--hold-out", "0"), ("--initial", "fast"),
      ("--width", "9"), ("--depth", "4"), ("--recipe", "paper"),
    ] {
      let run = try Acuity.run(arguments("m.safetensors", first + ["--resume", option, value]))
      #expect(run.code == 64 && run.errors.contains("\(option) \(value):"), "\(run.errors)")
    }
    let on = try Acuity.run(arguments("m.safetensors", first + ["--resume", "--steps", "3"]))
    #expect(on.code == 0 && on.errors.contains("step 3"), "\(on.errors)")
  }

  @Test("An option of a run that goes on is held against that run's recipe, not against the default one")
  func ownRecipe() throws {
    let first = ["--steps", "2", "--patch", "20", "--border", "4"]
    #expect(try Acuity.run(arguments("m.safetensors", first)).code == 0)
    func on(_ border: String) throws -> Run.Result {
      try Acuity.run([
        "train", folder("set"), "--out", folder("m.safetensors"), "--resume", "--steps", "4", "--border",
        border,
      ])
    }
    let beyond = try on("10")
    #expect(beyond.code == 64 && beyond.errors.contains("leaves nothing of 20 pixels"), "\(beyond.errors)")
    let within = try on("9")
    #expect(within.code == 0, "\(within.errors)")

    let wide = [
      "--steps", "2", "--patch", "36", "--width", "2", "--recipe", "paper", "--schedule", "constant",
    ]
    #expect(try Acuity.run(arguments("w.safetensors", wide)).code == 0)
    let decayed = try Acuity.run([
      "train", folder("set"), "--out", folder("w.safetensors"), "--resume", "--steps", "3", "--recipe",
      "paper",
      "--decay", "0.5",
    ])
    #expect(decayed.code == 0, "\(decayed.errors)")
  }
}
