import Acuity
import Foundation
import TestSupport
import Testing

/// `--model bicubic`, which needs no weights, wherever a model can be chosen.
@Suite("A model without weights")
struct ModelChoiceTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(width: 40, height: 30), "a.png")
  }

  /// The picture twice as large.
  private func expected() throws -> Image {
    let image = try ImageFile.read(fixture.inputs + "/a.png")
    return try Upscaler(Bicubic()).upscale(image, to: Size(width: 80, height: 60))
  }

  private func output(_ path: String) throws -> Image.Samples {
    try ImageFile.read(fixture.folder(path)).samples
  }

  /// A working directory and a program in which no weights are found.
  private func bare() throws -> String {
    try FileManager.default.createDirectory(atPath: fixture.folder("bin"), withIntermediateDirectories: true)
    let program = fixture.folder("bin/acuity")
    try FileManager.default.copyItem(atPath: Acuity.path, toPath: program)
    return program
  }

  @Test("acuity upscale by it needs no file")
  func upscale() throws {
    let arguments = "upscale '\(fixture.inputs)/a.png' -o '\(fixture.folder("out.png"))'"
    let program = try bare()
    let run = try Run.shell("'\(program)' \(arguments) --model bicubic", in: fixture.folder.path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try output("out.png") == expected().samples)
    let usual = try Run.shell("'\(program)' \(arguments) --if-exists overwrite", in: fixture.folder.path)
    let isRefused = usual.code == 78 && usual.errors.contains("there are bicubic, ensemble, fast, vdsr")
    #expect(isRefused, "\(usual.errors)")
  }

  @Test("acuity run by it, as an option or in the job file")
  func run() throws {
    let job = """
      inputs: [in]
      outputs:
        - folder: out/named
          stages: [upscale: {model: bicubic}]
        - folder: out/default
          stages: upscale
      """
    try fixture.folder.write(Array(job.utf8), to: "job.yaml")
    let run = try Acuity.run(["run", fixture.folder("job.yaml"), "--model", "bicubic"])
    #expect(run.code == 0, "\(run.errors)")
    for folder in ["named", "default"] { #expect(try output("out/\(folder)/a.png") == expected().samples) }
  }

  @Test("A ledger tells it from others")
  func ledger() throws {
    func made(_ model: String) throws -> Bool {
      let run = try Acuity.run([
        "upscale", fixture.inputs, "-o", fixture.outputs, "--ledger", fixture.folder("ledger"), "--model",
        model,
      ])
      #expect(run.code == 0, "\(run.errors)")
      return try output("out/a.png") == expected().samples
    }
    #expect(try made("bicubic"))
    #expect(try !made(fixture.model))
    #expect(try made("bicubic"))
  }

  @Test("acuity watch by it")
  func watch() throws {
    let run = try Acuity.start(
      ["watch", fixture.inputs, fixture.outputs, "--settle", "0.1", "--model", "bicubic"].map {
        Array($0.utf8)
      })
    #expect(eventually { FileManager.default.fileExists(atPath: fixture.outputs + "/a.png") })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(try output("out/a.png") == expected().samples)
  }

  @Test("acuity evaluate finds that it gains nothing")
  func evaluate() throws {
    let run = try Acuity.run([
      "evaluate", fixture.inputs, "--model", "bicubic", "--scale", "2,3", "--format", "json",
    ])
    #expect(run.code == 0, "\(run.errors)")
    let rows = try #require(try run.object()["results"] as? [[String: Any]])
    #expect(rows.count == 4)
    for row in rows {
      #expect(row["psnr"] as? Double == row["bicubic_psnr"] as? Double)
      #expect(row["ssim"] as? Double == row["bicubic_ssim"] as? Double)
    }
    let table = try Acuity.run(["evaluate", fixture.inputs, "--model", "bicubic", "--scale", "2"])
    #expect(table.text.contains(" 0.000") && !table.text.contains("-0.000"), "\(table.text)")
  }

  @Test("acuity info says what it is")
  func info() throws {
    let run = try Acuity.run(["info", "--model", "bicubic"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.text.hasPrefix("bicubic\n") && run.text.contains("without a network"))
    #expect(run.text.contains("0 multiply-adds per pixel") && !run.text.contains("convolutions"))
    let object = try Acuity.run(["info", "--model", "bicubic", "--json"]).object()
    #expect((object["layers"] as? [Any])?.isEmpty == true && object["parameters"] as? Int == 0)
  }

  @Test("acuity demo by it shows the same twice")
  func demo() throws {
    let run = try Acuity.run([
      "demo", "--side", "48", "--model", "bicubic", "--output", fixture.folder("demo.png"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let figures = run.text.matches(of: #/(BICUBIC|ACUITY) ([0-9.]+) dB/#).map(\.output.2)
    #expect(figures.count == 2 && figures.first == figures.last, "\(run.text)")
  }

  @Test("A dry run foretells a time")
  func dryRun() throws {
    let run = try Acuity.run([
      "upscale", fixture.inputs, "-o", fixture.outputs, "--model", "bicubic", "--dry-run",
    ])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.text.contains("1 file, 0.00 MP of output, about "), "\(run.text)")
  }

  @Test("A file of its name in ACUITY_MODELS goes before it")
  func precedence() throws {
    try FileManager.default.createDirectory(
      atPath: fixture.folder("models"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: fixture.model, toPath: fixture.folder("models/bicubic.safetensors"))
    let models = ["ACUITY_MODELS": fixture.folder("models")]
    let info = try Acuity.run(["info", "--model", "bicubic"], environment: models)
    #expect(info.text.contains("2 of 3x3 convolutions"), "\(info.errors)")
    for (name, option) in [("file", fixture.model), ("name", "bicubic")] {
      let run = try Acuity.run(
        ["upscale", fixture.inputs + "/a.png", "-o", fixture.folder("\(name).png"), "--model", option],
        environment: models)
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(try output("name.png") == output("file.png"))
    #expect(try output("name.png") != expected().samples)
  }

  @Test(
    "Where weights are needed it is refused with 78",
    arguments: [
      ["bench", "network", "--weights", "bicubic"], ["bench", "image", "--model", "bicubic"],
      ["train", "--steps", "1", "--patch", "16", "--initial", "bicubic"],
    ])
  func weights(_ arguments: [String]) throws {
    var arguments = arguments
    if arguments[0] == "train" {
      arguments += [fixture.inputs, "--out", fixture.folder("trained.safetensors")]
    }
    let run = try Acuity.run(arguments)
    #expect(run.code == 78, "\(run.errors)")
    #expect(run.errors.contains("bicubic: is a model without weights, which are needed here. Name one that"))
  }

  @Test("A model that cannot be had is refused also where no stage asks for it")
  func unused() throws {
    for (stages, model) in [("grayscale", "nosuch"), ("upscale:model=bicubic", "absent.safetensors")] {
      let run = try Acuity.run([
        "upscale", fixture.inputs, "-o", fixture.outputs, "--stages", stages, "--model", model,
      ])
      #expect(run.code == 78 && run.errors.contains(model), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: fixture.outputs))
    }
  }

  @Test("The help of --model names all that come with the program, and where weights are needed none without")
  func help() throws {
    for bench in ["image", "network"] {
      let text = try Acuity.run(["help", "bench", bench]).text
      #expect(text.contains("--model") && !text.contains("bicubic") && !text.contains("ensemble"), "\(text)")
    }
    for command in ["upscale", "run", "watch", "evaluate"] {
      let words = try Acuity.run(["help", command]).text.split { $0 == " " || $0 == "\n" }
      let text = words.joined(separator: " ")
      #expect(
        text.contains("bicubic (interpolation alone, without a network), or a safetensors file"), "\(text)")
    }
  }
}
