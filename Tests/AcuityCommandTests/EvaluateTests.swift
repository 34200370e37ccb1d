import Foundation
import ImageFiles
import Pixels
import SuperResolution
import TestSupport
import Testing

@Suite("acuity evaluate")
struct EvaluateTests {
  let folder: TemporaryFolder
  let model: String

  init() throws {
    folder = try TemporaryFolder()
    // A model that adds nothing, so that it must score as bicubic does.
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 2, weights: [Float](repeating: 0.1, count: 18), relu: true),
      Model.Layer(
        inputChannels: 2, outputChannels: 1, weights: [Float](repeating: 0, count: 18), relu: false),
    ]
    model = try folder.write(Model(layers: layers).serialized(), to: "zero.safetensors")
    try FileManager.default.createDirectory(atPath: folder("set"), withIntermediateDirectories: true)
    for seed in 1...2 {
      let image = Pictures.noise(width: 40, height: 30 + seed, layout: .rgb, seed: UInt64(seed))
      try folder.write(try ImageFile.encode(image, as: .png), to: "set/\(seed).png")
    }
    try folder.write(Array("notes".utf8), to: "set/notes.txt")
  }

  @Test("Figures of every picture and the mean, as JSON", arguments: ["paper", "seed", "basicsr"])
  func json(_ evaluationProtocol: String) throws {
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2,3", "--format", "json", "--protocol",
      evaluationProtocol, "--quiet",
    ])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.isEmpty)
    let object = try run.object()
    #expect(Set(object.keys) == ["protocol", "model", "results"])
    #expect(object["protocol"] as? String == evaluationProtocol)
    #expect(object["model"] as? String == model)
    let rows = try #require(object["results"] as? [[String: Any]])
    #expect(rows.count == 6)
    for row in rows {
      #expect(row["set"] as? String == "set")
      let (bicubic, psnr) = (row["bicubic_psnr"] as? Double ?? 0, row["psnr"] as? Double ?? 1)
      #expect(abs(bicubic - psnr) < 0.01)
    }
    #expect(rows.filter { $0["image"] is NSNull }.count == 2)
  }

  @Test("A table for people, CSV for spreadsheets, a page on request")
  func formats() throws {
    try folder.write([1], to: "set/.hidden.png")
    let table = try Acuity.run(["evaluate", folder("set"), "--model", model, "--scale", "2"])
    #expect(table.text.contains("mean") && table.text.contains("1.png"))
    #expect(table.errors.contains("notes.txt is no picture"))
    #expect(!table.errors.contains(".hidden"))
    let csv = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2", "--format", "csv", "--report",
      folder("report"),
    ])
    #expect(csv.text.split(separator: "\n").count == 4)
    let page = try String(contentsOfFile: folder("report/index.html"), encoding: .utf8)
    #expect(page.contains("</html>"))
  }

  @Test("A damaged or too small picture is named, and the others count")
  func damaged() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder("set/1.png")))
    try folder.write([UInt8](whole.prefix(whole.count / 2)), to: "set/3.png")
    let tiny = Pictures.noise(width: 3, height: 3, layout: .gray, seed: 9)
    try folder.write(try ImageFile.encode(tiny, as: .png), to: "set/4.png")
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2", "--format", "json",
    ])
    #expect(run.code == 1)
    #expect(run.errors.contains("set/3.png: ") && run.errors.contains("set/4.png: "))
    #expect((try run.object()["results"] as? [Any])?.count == 3)
  }

  @Test("A picture that is read only on request is measured on request")
  func animated() throws {
    // Behind the header, of 33 bytes: that it has two frames.
    let control: [UInt8] =
      [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 2, 0, 0, 0, 0, 0xf3, 0x8d, 0x93, 0x70]
    let still = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder("set/1.png"))))
    try folder.write(still[..<33] + control + still[33...], to: "set/3.png")
    for (options, code) in [([], 1), (["--animation", "first-frame"], 0 as Int32)] {
      let run = try Acuity.run(["evaluate", folder("set"), "--model", model, "--scale", "2"] + options)
      #expect(run.code == code && run.errors.contains("set/3.png: ") == (code == 1), "\(run.errors)")
    }
  }

  @Test("What its name calls a picture is missing from the means where it is none, other files are not")
  func strangers() throws {
    for (name, text) in [("3.png", "\0\0\0\0"), ("4.TIF", "II*"), ("5.mat", "MATLAB"), ("done", "")] {
      try folder.write(Array(text.utf8), to: "set/" + name)
    }
    try FileManager.default.createDirectory(
      atPath: folder("set/more"), withIntermediateDirectories: false)
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2", "--format", "json",
    ])
    #expect(run.code == 1)
    let leftOut = try #require(try run.object()["left_out"] as? [String])
    #expect(leftOut.count == 2, "\(leftOut)")
    for (name, reason) in zip(["3.png", "4.TIF"], leftOut) {
      #expect(reason.hasPrefix("\(folder("set"))/\(name): is no picture"), "\(reason)")
    }
    for words in [
      "/5.mat is no picture: passed over", "/done is no picture: passed over",
      "/more is a folder: passed over",
    ] {
      #expect(run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test("JSON and page name what is missing from the means")
  func leftOut() throws {
    try folder.write([0x89, 0x50, 0x4e, 0x47], to: "set/3.png")
    for (name, side) in [("4", 3), ("5", 14)] {
      let image = Pictures.noise(width: side, height: side, layout: .gray, seed: 9)
      try folder.write(try ImageFile.encode(image, as: .png), to: "set/\(name).png")
    }
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2,3", "--format", "json", "--report",
      folder("report"),
    ])
    #expect(run.code == 1)
    let leftOut = try #require(try run.object()["left_out"] as? [String])
    #expect(leftOut.count == 3, "\(leftOut)")
    #expect(leftOut.first?.hasPrefix("\(folder("set"))/3.png: incomplete PNG") == true)
    #expect(leftOut.dropFirst().allSatisfy { $0.hasPrefix("\(folder("set"))/4.png: at x") })
    let page = try String(contentsOfFile: folder("report/index.html"), encoding: .utf8)
    let list = try #require(page.components(separatedBy: "<h2>Not in the means</h2>").last)
    for reason in leftOut { #expect(list.contains("<li>\(reason)</li>"), "\(reason)") }
    #expect(list.contains("<li>5.png of set x2, in SSIM: a side has less than 11 pixels</li>"))
    #expect(!list.contains("1.png"))
  }

  @Test("Folders of one name stay two sets, called by their paths")
  func setsOfOneName() throws {
    let paths = ["a/set", "b/set"]
    for (seed, path) in paths.enumerated() {
      try FileManager.default.createDirectory(atPath: folder(path), withIntermediateDirectories: true)
      let image = Pictures.noise(width: 30, height: 30, layout: .gray, seed: UInt64(seed))
      try folder.write(try ImageFile.encode(image, as: .png), to: path + "/1.png")
    }
    let run = try Acuity.run(
      ["evaluate"] + paths.map { folder($0) } + ["--model", model, "--scale", "2", "--format", "json"])
    let rows = try #require(try run.object()["results"] as? [[String: Any]])
    #expect(rows.count == 4)
    #expect(Set(rows.compactMap { $0["set"] as? String }) == Set(paths.map { folder($0) }))
  }

  @Test("Figures of no picture are still JSON")
  func nothing() throws {
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "2", "--format", "json", "--max-pixels", "100",
    ])
    #expect(run.code == 1 && run.errors.contains("1.png: ") && run.errors.contains("--max-pixels"))
    #expect((try run.object()["results"] as? [Any])?.isEmpty == true)
  }

  @Test("A picture that is too small for one scale counts at the others")
  func tooSmallForOne() throws {
    let small = Pictures.noise(width: 9, height: 9, layout: .gray, seed: 3)
    try folder.write(try ImageFile.encode(small, as: .png), to: "set/1.png")
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", model, "--scale", "8,2", "--format", "json",
    ])
    let rows = try #require(try run.object()["results"] as? [[String: Any]])
    #expect(run.code == 1)
    #expect(rows.filter { $0["image"] as? String == "1.png" }.map { $0["scale"] as? Int } == [2])
  }

  @Test("The user's interrupt ends it with 130")
  func interrupted() throws {
    try folder.write(Model.slow.serialized(), to: "slow.safetensors")
    let large = Pictures.noise(width: 2000, height: 1500, layout: .gray, seed: 1)
    try folder.write(
      try ImageFile.encode(large, as: .png, options: EncodeOptions(pngLevel: 0)), to: "set/0.png")
    let run = try Acuity.start(
      ["evaluate", folder("set"), "--model", folder("slow.safetensors"), "--scale", "2"].map {
        Array($0.utf8)
      })
    #expect(run.waits { run.messages.contains("evaluating") })
    run.signal(SIGINT)
    let result = run.wait()
    #expect(result.code == 130)
    #expect(result.errors.contains("interrupted"))
    #expect(result.output.isEmpty)
  }

  #if os(Linux)
    @Test(
      "A picture that the memory does not suffice for is named, and the others count",
      .disabled(if: isSanitized, "the sanitizer has an address space of its own"))
    func memory() throws {
      let samples = Image.Samples.uint8([UInt8](repeating: 9, count: 6000 * 4000))
      let large = Image(width: 6000, height: 4000, layout: .gray, samples: samples)
      try folder.write(try ImageFile.encode(large, as: .png), to: "set/3.png")
      let command = "'\(Acuity.path)' evaluate set --model zero.safetensors --scale 2 --format csv"
      let run = try Run.shell("ulimit -v 2500000; exec \(command)", in: folder.path)
      #expect(run.code == 1 && run.errors.contains("set/3.png: to compare it takes"), "\(run.errors)")
      #expect(run.text.split(separator: "\n").count == 4)
    }
  #endif

  @Test("The model's colour convention counts")
  func convention() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [0, 0, 0, 0, 0.5, 0, 0, 0, 0], relu: false)
    let figures = try ["bt601-studio/255", "bt601-full/255"].map { color in
      let half = try Model(layers: [layer], residual: .none, metadata: [Model.Key.color: color])
      let path = try folder.write(half.serialized(), to: "half.safetensors")
      let run = try Acuity.run([
        "evaluate", folder("set"), "--model", path, "--scale", "2", "--format", "csv", "--quiet",
      ])
      #expect(run.code == 0, "\(run.errors)")
      return run.text
    }
    #expect(figures[0] != figures[1])
  }

  @Test("A model that makes no numbers fails as a model")
  func notFinite() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: .greatestFiniteMagnitude, count: 9),
      relu: false)
    let path = try folder.write(Model(layers: [layer, layer]).serialized(), to: "huge.safetensors")
    let run = try Acuity.run(["evaluate", folder("set"), "--model", path, "--scale", "2", "--format", "json"])
    #expect(run.code == 78 && run.errors.contains("the model's output is no number"), "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test("What was measured before an early end is told")
  func earlyEnd() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: .greatestFiniteMagnitude, count: 9),
      relu: false)
    let path = try folder.write(Model(layers: [layer, layer]).serialized(), to: "huge.safetensors")
    let black = Image(
      width: 20, height: 20, layout: .gray, samples: .uint8([UInt8](repeating: 0, count: 400)))
    try folder.write(try ImageFile.encode(black, as: .png), to: "set/0.png")
    let run = try Acuity.run([
      "evaluate", folder("set"), "--model", path, "--scale", "2", "--format", "csv", "--report",
      folder("report"),
    ])
    #expect(run.code == 78 && run.errors.contains("it ends early"), "\(run.errors)")
    #expect(run.text.split(separator: "\n").count == 3 && run.text.contains("set,2,0.png"))
    #expect(FileManager.default.fileExists(atPath: folder("report/index.html")))
  }

  #if os(Linux)
    @Test("Where the figures cannot be printed the page is written, and the other way round")
    func oneOfTwo() throws {
      let command = "'\(Acuity.path)' evaluate set --model zero.safetensors --scale 2 --report"
      let unprinted = try Run.shell("\(command) report > /dev/full", in: folder.path)
      #expect(unprinted.code == 74 && unprinted.errors.contains("standard output"), "\(unprinted.errors)")
      #expect(try String(contentsOfFile: folder("report/index.html"), encoding: .utf8).contains("</html>"))

      try FileManager.default.createDirectory(
        atPath: folder("taken/index.html/in the way"), withIntermediateDirectories: true)
      let unwritten = try Run.shell("\(command) taken", in: folder.path)
      #expect(unwritten.code == 73 && unwritten.text.contains("mean"), "\(unwritten.errors)")
      let neither = try Run.shell("\(command) taken > /dev/full", in: folder.path)
      #expect(neither.code == 73, "\(neither.errors)")
      #expect(neither.errors.contains("taken/index.html") && neither.errors.contains("standard output"))
    }
  #endif

  @Test("What cannot be evaluated is refused")
  func refused() throws {
    let set = folder("set")
    #expect(try Acuity.run(["evaluate"]).code == 64)
    #expect(try Acuity.run(["evaluate", set, "--scale", "1"]).code == 64)
    #expect(try Acuity.run(["evaluate", set, set, "--model", model]).code == 64)
    #expect(try Acuity.run(["evaluate", set, set + "/", "--model", model]).code == 64)
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: set)
    #expect(try Acuity.run(["evaluate", folder("link"), set, "--model", model]).code == 64)
    #expect(try Acuity.run(["evaluate", set, "--scale", "2,2"]).code == 64)
    #expect(try Acuity.run(["evaluate", set, "--threads", "0"]).code == 64)
    #expect(try Acuity.run(["evaluate", set, "--model", folder("absent.safetensors")]).code == 78)
    #expect(try Acuity.run(["evaluate", folder("absent"), "--model", model]).code == 66)
    try FileManager.default.createDirectory(atPath: folder("empty"), withIntermediateDirectories: true)
    #expect(try Acuity.run(["evaluate", folder("empty"), "--model", model]).code == 66)
    #expect(try Acuity.run(["evaluate", set, "--model", model, "--report", model]).code == 73)
    let inFile = ["evaluate", set, "--model", model, "--report", folder("zero.safetensors") + "/report"]
    #expect(try Acuity.run(inFile).code == 73)
  }
}
