import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing

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

  /// Killed without warning as soon as there is a checkpoint, then continued: the same file as without the kill.
  @Test("Goes on after kill -9 as if nothing had happened")
  func killed() throws {
    let whole = try Acuity.run(arguments("whole.safetensors"))
    #expect(whole.code == 0, "\(whole.errors)")

    let run = try Acuity.start(arguments("killed.safetensors").map { Array($0.utf8) })
    let work = folder("killed.safetensors.training")
    func checkpoints() -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []).filter { $0.hasSuffix(".acuity") }
    }
    while checkpoints().isEmpty, kill(run.processIdentifier, 0) == 0 { usleep(1_000) }
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

  @Test("What cannot be trained ends with a code that says who has to act")
  func refusals() throws {
    let nothing = try Acuity.run(["train", folder("nowhere"), "--out", folder("m.safetensors")])
    #expect(nothing.code == 66 && nothing.errors.contains("no picture"))
    let wrong = try Acuity.run(arguments("m.safetensors", ["--degrade", "wavelet=2"]))
    #expect(wrong.code == 64 && wrong.errors.contains("wavelet"))
    let missing = try Acuity.run(arguments("m.safetensors", ["--recipe", "best"]))
    #expect(missing.code == 64 && missing.errors.contains("paper"))
  }
}
