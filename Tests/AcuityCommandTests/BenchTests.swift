import Convolution
import Foundation
import ImageFiles
import Pixels
import SuperResolution
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("acuity bench")
struct BenchTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    "A convolution is timed, compared with the peak and right",
    .disabled(if: isThreadSanitized, "with the sanitizer its billions of operations take minutes"),
    arguments: InstructionSet.supported)
  func convolution(_ instructionSet: InstructionSet) throws {
    for (channels, algorithm) in [
      ("5x19", "direct"), ("16x16", "winograd4"), ("32x16", "winograd6"), ("1x16", "direct"),
    ] {
      let run = try Acuity.run([
        "bench", "conv", "--channels", channels, "--size", "37x29", "--algorithm", algorithm, "--isa",
        instructionSet.rawValue, "--repeats", "2", "--threads", "2", "--json",
      ])
      #expect(run.code == 0, "\(run.errors)")
      #expect(run.text.split(separator: "\n").count == 1)
      let object = try run.object()
      #expect(object["correct"] as? Bool == true)
      #expect(object["kernel"] as? String == algorithm)
      #expect(object["isa"] as? String == instructionSet.rawValue)
      let share = try #require(object["share_of_peak"] as? Double)
      #expect(share > 0 && share.isFinite)
      #expect(((object["time"] as? [String: Any])?["seconds"] as? [Double])?.count == 2)
    }
  }

  /// Runs a script of the benchmarks' folder.
  private static func script(
    _ name: String, _ arguments: [String], options: [String] = []
  ) throws -> Run.Result {
    let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Benchmarks")
    return try python(["-B"] + options + [scripts.appending(path: name).path] + arguments)
  }

  private static func python(_ arguments: [String]) throws -> Run.Result {
    try Run(path: "/usr/bin/env", ["python3"] + arguments).wait()
  }

  private static let hasPython = (try? python(["-c", ""]).code) == 0
  private static let hasNumpy = (try? python(["-c", "import numpy"]).code) == 0

  @Test(
    "Figures that cannot be read or kept are told in a line, before anything is measured",
    .enabled(if: hasPython, "needs python3"),
    arguments: [
      ("compare", "absent.json", "No such file"), ("compare", "bad.json", "no file of figures"),
      ("compare", "empty.json", "no file of figures"), ("save", "absent/figures.json", "make it first"),
      ("compare", ".", "another checkout's Benchmarks folder"),
    ])
  func figures(_ command: String, _ file: String, _ reason: String) throws {
    try folder.write([0xff], to: "bad.json")
    try folder.write(Array(#"{"Kernels/direct": []}"#.utf8), to: "empty.json")
    let run = try Self.script("check-regression", [command, folder(file), "--built"])
    #expect(
      run.code == 1 && run.errors.hasPrefix(folder(file)) && run.errors.contains(reason), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test(
    "Sizes and threads that there are not are told in a line",
    .enabled(if: hasPython, "needs python3"),
    arguments: [("--size", "0x0"), ("--size", "512"), ("--threads", "0"), ("--threads", "-2")])
  func scaling(_ option: String, _ value: String) throws {
    let run = try Self.script("scaling.py", [option, value])
    #expect(run.code == 2 && run.errors.contains("'\(value)' is no "), "\(run.errors)")
    #expect(run.text.isEmpty && !run.errors.contains("Traceback"))
  }

  @Test(
    "A script without a module that it needs says so in a line, as Python's own installation has none",
    .enabled(if: hasPython, "needs python3"),
    arguments: [
      ("compare.py", ["list"], "numpy"), ("figures.py", ["kernels"], "numpy"),
      ("training/average_weights.py", ["a", "b", "0.5", "c"], "numpy"),
      ("training/pytorch_step.py", [], "torch"),
    ])
  func modules(_ name: String, _ arguments: [String], _ module: String) throws {
    // Neither site packages nor the environment's.
    let run = try Self.script(name, arguments, options: ["-S", "-E"])
    #expect(run.code == 1 && run.errors.contains("pip install \(module)"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test(
    "Models that cannot be averaged are told in a line, and nothing is written",
    .enabled(if: hasNumpy, "needs python3 and numpy"))
  func averages() throws {
    func model(_ value: Float, channels: Int = 1) throws -> [UInt8] {
      let weights = [Float](repeating: value, count: 9 * channels)
      return try Model(layers: [
        Model.Layer(inputChannels: 1, outputChannels: channels, weights: weights, relu: true),
        Model.Layer(inputChannels: channels, outputChannels: 1, weights: weights, relu: false),
      ]).serialized()
    }
    let good = try folder.write(try model(1), to: "a.safetensors")
    let others = [
      try folder.write(try model(1, channels: 2), to: "b.safetensors"),
      try folder.write(Array(try model(1).dropLast(4)), to: "cut.safetensors"),
      try folder.write(try UpscaleFixture.picture(), to: "p.png"), try folder.write([], to: "empty"),
      folder("absent"),
    ]
    for other in others {
      let run = try Self.script("training/average_weights.py", [good, other, "0.5", folder("out")])
      #expect(run.code == 1 && run.errors.contains(other), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
    for share in ["half", "2", "nan"] {
      let run = try Self.script("training/average_weights.py", [good, good, share, folder("out")])
      #expect(run.code == 2 && run.errors.contains("'\(share)' is no number from 0 to 1"), "\(run.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder("out")))

    let three = try folder.write(try model(3), to: "3.safetensors")
    let run = try Self.script("training/average_weights.py", [good, three, "0.25", good])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try Model(contentsOf: good).layers.allSatisfy { $0.weights.allSatisfy { $0 == 1.5 } })
  }

  @Test(
    "A comparison that has not measured all that was asked for is no success",
    .enabled(if: hasNumpy, "needs python3 and numpy"))
  func comparison() throws {
    let rounds = folder("rounds.jsonl")
    func measure(_ engines: String, acuity: String = Acuity.path) throws -> Run.Result {
      try Self.script(
        "compare.py",
        [
          "measure", "--engines", engines, "--acuity", acuity, "--size", "8x8", "--rounds", "1", "--runs",
          "1", "--threads", "1", "--work", folder("work"), "--results", rounds,
        ])
    }
    let unknown = try measure("acuity,other")
    #expect(unknown.code == 1 && unknown.errors.contains("other: no such engine"), "\(unknown.errors)")
    let absent = try measure("acuity", acuity: folder("absent"))
    #expect(absent.code == 1 && absent.errors.contains("there is no program"), "\(absent.errors)")
    let none = try Self.script("compare.py", ["report", rounds])
    #expect(none.code == 1 && none.errors.hasPrefix(rounds), "\(none.errors)")

    let half = try measure("acuity,acuity-none")
    #expect(half.code == 1 && half.errors.contains("not in every round: acuity-none"), "\(half.errors)")
    let whole = try measure("acuity,acuity-direct")
    #expect(whole.code == 0, "\(whole.errors)")
    let table = try Self.script("compare.py", ["report", rounds])
    #expect(table.code == 0 && table.text.contains("**Acuity**, direct"), "\(table.errors)")
  }

  @Test(
    "What is printed for people names kernel, instruction set, threads, share of the peak and how to repeat it"
  )
  func text() throws {
    let run = try Acuity.run(["bench", "conv", "--size", "24", "--channels", "16x16", "--repeats", "1"])
    for part in [
      "direct", "1 thread", "median", "p95", "GFLOP/s", "% of the FMA peak", "right", "acuity bench conv --",
    ] {
      #expect(run.text.contains(part), "\(part)")
    }
  }

  @Test("A plane from a file goes through a model from a file, and the seconds are those of the runs")
  func plane() throws {
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 4, weights: (0..<36).map { Float($0) / 40 - 0.4 }, relu: true),
      Model.Layer(
        inputChannels: 4, outputChannels: 1, weights: (0..<36).map { 0.3 - Float($0) / 60 }, bias: [0.1],
        relu: false),
    ]
    let model = try Model(layers: layers)
    let plane = Pictures.noise(width: 13, height: 9, seed: 2)
    try folder.write(model.serialized(), to: "w.safetensors")
    try folder.write(NumpyFile.bytes(of: plane, shape: [1, 1, 9, 13]), to: "x.npy")
    let run = try Acuity.run([
      "bench", "network", "--weights", folder("w.safetensors"), "--input", folder("x.npy"), "--output",
      folder("y.npy"), "--threads", "2", "--repeats", "3", "--json",
    ])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.text.split(separator: "\n").count == 1)
    let object = try run.object()
    #expect((object["seconds"] as? [Double])?.count == 3)
    #expect(object["correct"] as? Bool == true)
    let (result, shape) = try NumpyFile.read(Path(Array(folder("y.npy").utf8)))
    #expect(shape == [1, 1, 9, 13])
    let expected = try Network(model).enhance(plane)
    #expect(result == expected)
  }

  @Test("A picture's phases are timed one by one")
  func image() throws {
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0.01, count: 9), relu: false)
    ]
    try folder.write(Model(layers: layers).serialized(), to: "w.safetensors")
    // Without colours at the end of their range, which would be clipped and not be compared.
    let samples = (0..<31 * 22 * 3).map { (index: Int) -> UInt8 in UInt8(100 + index * 7 % 50) }
    let picture = Image(width: 31, height: 22, layout: .rgb, samples: .uint8(samples))
    try folder.write(try ImageFile.encode(picture, as: .png), to: "a.png")
    let run = try Acuity.run([
      "bench", "image", folder("a.png"), "--model", folder("w.safetensors"), "--scale", "2.5", "--repeats",
      "2", "--json",
    ])
    #expect(run.code == 0, "\(run.errors)")
    let object = try run.object()
    #expect(object["correct"] as? Bool == true)
    #expect(object["largest_error"] as? Double ?? 0 > 0, "something was compared")
    #expect(object["result_width"] as? Int == 78)
    for phase in ["decode", "upscale", "network", "encode"] {
      #expect((object[phase] as? [String: Any])?["median"] as? Double ?? 0 > 0, "\(phase)")
    }
    for figure in ["gflops", "peak_gflops", "share_of_peak"] {
      #expect(object[figure] as? Double ?? 0 > 0, "\(figure)")
    }
    #expect(try folder.entries == ["a.png", "w.safetensors"], "nothing is written")
  }

  @Test("Training steps are timed, and the gradient is checked")
  func training() throws {
    let run = try Acuity.run([
      "bench", "training", "--depth", "3", "--width", "8", "--patch", "12", "--batch", "4", "--threads", "2",
      "--repeats", "2", "--json",
    ])
    #expect(run.code == 0, "\(run.errors)")
    let object = try run.object()
    #expect(object["correct"] as? Bool == true)
    #expect((object["time"] as? [String: Any])?["seconds"] as? [Double] != nil)
    let (patches, median) = (
      try #require(object["patches_per_second"] as? Double),
      try #require((object["time"] as? [String: Any])?["median"] as? Double)
    )
    #expect(abs(patches * median - 4) < 1e-9, "four patches a step")
    // The narrowest bends the most.
    let narrow = try Acuity.run(["bench", "training", "--width", "1", "--repeats", "1", "--threads", "1"])
    #expect(narrow.code == 0, "\(narrow.errors)")
  }

  @Test("What takes more memory than there is is refused before it crashes")
  func tooLarge() throws {
    let run = try Acuity.run(["bench", "conv", "--size", "32768x32768", "--channels", "1024x1024"])
    #expect(run.code == 64 && run.errors.contains("this takes 8T of memory"), "\(run.errors)")
    #expect(run.errors.contains("choose a smaller --size"))
  }

  #if os(Linux)
    @Test(
      "A limit on the address space counts too",
      .disabled(if: isSanitized, "the sanitizer has an address space of its own"))
    func limitedMemory() throws {
      for arguments in [
        "network --size 32768x32768", "conv --size 8192 --channels 16x16",
        "training --patch 512 --batch 1024",
      ] {
        let line = "ulimit -v 3000000; exec '\(Acuity.path)' bench \(arguments) --repeats 1 --threads 1"
        let run = try Run.shell(line, in: folder.path)
        #expect(run.code == 64 && run.errors.contains("of memory"), "\(arguments): \(run.errors)")
      }
    }
  #endif

  @Test("The command to measure again can be typed as it stands")
  func again() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0.1, count: 9), relu: false)
    let model = try folder.write(Model(layers: [layer]).serialized(), to: "my weights.safetensors")
    let picture = Pictures.noise(width: 16, height: 12, layout: .rgb, seed: 1)
    let file = try folder.write(try ImageFile.encode(picture, as: .png), to: "it's.png")
    let small = ["--repeats", "2", "--threads", "1", "--json"]
    for (arguments, words) in [
      (["conv", "--size", "24", "--channels", "16x16"], []),
      (["network", "--size", "24", "--weights", model], ["'\(model)'"]),
      (["image", file, "--model", model], [#"it'\''s.png'"#, "'\(model)'"]),
      (["training", "--depth", "2", "--width", "4", "--patch", "8", "--batch", "1"], []),
    ] {
      let run = try Acuity.run(["bench"] + arguments + small)
      let command = try #require(try run.object()["command"] as? String, "\(run.errors)")
      for word in words + ["--repeats 2"] { #expect(command.contains(word), "\(command)") }
    }
  }

  @Test("The check of a picture goes by the model's colour convention")
  func convention() throws {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [0, 0, 0, 0, -0.3, 0, 0, 0, 0], relu: false)
    let samples = (0..<20 * 16 * 3).map { (index: Int) -> UInt8 in UInt8(100 + index * 7 % 50) }
    let picture = Image(width: 20, height: 16, layout: .rgb, samples: .uint8(samples))
    try folder.write(try ImageFile.encode(picture, as: .png), to: "a.png")
    for color in ["bt601-studio/255", "bt601-full/255"] {
      let model = try Model(layers: [layer], metadata: [Model.Key.color: color])
      try folder.write(model.serialized(), to: "w.safetensors")
      let run = try Acuity.run([
        "bench", "image", folder("a.png"), "--model", folder("w.safetensors"), "--repeats", "1", "--json",
      ])
      #expect(run.code == 0, "\(color): \(run.errors)")
    }
  }

  @Test("Bad arguments and files are refused")
  func refused() throws {
    let cases: [([String], Int32)] = [
      (["conv", "--channels", "0x4"], 64), (["conv", "--size", "1x2x3"], 64),
      (["conv", "--threads", "0"], 64),
      (["conv", "--repeats", "0"], 64), (["network", "--input", folder("absent.npy")], 66),
      (["network", "--weights", folder("absent.safetensors")], 78), (["image", folder("absent.png")], 66),
      (["image", "--scale", "9"], 64), (["training", "--patch", "7"], 64),
    ]
    for (arguments, code) in cases {
      #expect(try Acuity.run(["bench"] + arguments).code == code, "\(arguments)")
    }
  }
}
