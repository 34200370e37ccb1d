import Acuity
import Foundation
import TestSupport
import Testing

/// What bad files and bad luck do to a batch: nothing to the other files.
@Suite("acuity upscale among faults")
struct UpscaleFaultTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  @Test("20 bad files of 100 cost 20 files, whatever they do to the codecs")
  func badFiles() throws {
    try fixture.putPictures(80)
    #expect(try fixture.run().code == 0)
    let clean = try fixture.tree()
    #expect(clean.count == 80)
    fixture.clearOutputs()

    var bad: [String: [UInt8]] = [:]
    for kind in ["crash", "crash", "spin", "allocate", "garbage", "exit"] {
      bad["x\(bad.count)-\(kind).jpg"] = try UpscaleFixture.faulty(kind, seed: UInt64(bad.count))
    }
    let png = try UpscaleFixture.picture(width: 80, height: 80)
    let jpeg = try UpscaleFixture.picture(width: 80, height: 80, as: .jpeg)
    let webp = try UpscaleFixture.picture(width: 80, height: 80, as: .webp)
    for (name, file) in [("png", png), ("jpg", jpeg), ("webp", webp)] {
      bad["cut-\(name).\(name)"] = Array(file.dropLast(file.count / 3))
      bad["short-\(name).\(name)"] = Array(file.prefix(20))
    }
    for place in [100, 1000, 4000] {
      var damaged = png
      damaged[place] ^= 0x55
      bad["damaged-\(place).png"] = damaged
    }
    bad["empty.png"] = []
    bad["words.png"] = Array("just words".utf8)
    bad["gif.png"] = Array("GIF89a".utf8)
    bad["huge.png"] = Self.bomb(width: 60_000, height: 60_000)
    bad["zero.png"] = Self.bomb(width: 0, height: 1)
    #expect(bad.count == 20)
    for (name, content) in bad { try fixture.put(content, "1/" + name) }

    // Time that only an endless loop needs: a good picture must have enough while its worker starts on a busy machine.
    let run = try fixture.run(
      ["--codec-timeout", "5", "--log-format", "json"], environment: WorkerFault.variables)
    #expect(run.code == 1)
    #expect(try fixture.tree() == clean)
    let failures = try run.errors.split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }.filter { $0["event"] as? String == "failure" }
    let named = Set(failures.compactMap { $0["file"] as? String })
    #expect(named == Set(bad.keys.map { "\(fixture.inputs)/1/\($0)" }))
    for failure in failures { #expect((failure["reason"] as? String)?.isEmpty == false) }
  }

  /// A PNG header that promises more than it keeps.
  static func bomb(width: UInt32, height: UInt32) -> [UInt8] {
    func bigEndian(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
    func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
      let body = Array(type.utf8) + content
      var crc: UInt32 = 0xffff_ffff
      for byte in body {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
      }
      return bigEndian(UInt32(content.count)) + body + bigEndian(~crc)
    }
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0])
      + chunk("IDAT", [0x78, 0x9c, 3, 0, 0, 0, 0, 1]) + chunk("IEND", [])
  }

  @Test("Every prefix of a picture's file is refused")
  func prefixes() throws {
    let files: [(String, [UInt8])] = [
      ("png", try UpscaleFixture.picture(width: 9, height: 7)),
      ("jpg", try UpscaleFixture.picture(width: 9, height: 7, as: .jpeg)),
      ("webp", try UpscaleFixture.picture(width: 9, height: 7, as: .webp)),
    ]
    var count = 0
    for (name, file) in files {
      let step = SharedData.runsFullTests ? 1 : 7
      for length in stride(from: 1, to: file.count, by: step) {
        try fixture.put(Array(file[..<length]), "\(name)-\(length).\(name)")
        count += 1
      }
    }
    let run = try fixture.run(["--quiet"])
    #expect(run.code == 1)
    #expect(try fixture.tree().isEmpty)
    #expect(run.errors.split(separator: "\n").filter { $0.hasPrefix("acuity: error: ") }.count == count)
  }

  @Test("A cut picture is taken as far as it goes only by those who ask for it")
  func tolerance() throws {
    for (name, format) in [("a.jpg", ImageFormat.jpeg), ("b.png", .png)] {
      let file = try UpscaleFixture.picture(width: 80, height: 80, as: format)
      try fixture.put(Array(file.dropLast(file.count / 3)), name)
    }
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try fixture.run(ledger).code == 1)
    #expect(try fixture.tree().isEmpty)
    let run = try fixture.run(ledger + ["--tolerant"])
    #expect(run.code == 0, "\(run.errors)")
    for name in ["a.jpg", "b.png"] {
      #expect(try ImageFile.read(fixture.outputs + "/" + name).size == Size(width: 160, height: 160))
    }
    // A watcher would take half-written files.
    #expect(try Acuity.run(["watch", fixture.inputs, fixture.outputs, "--tolerant"]).code == 64)
  }

  @Test("What is no regular file is left out with a reason and blocks nothing")
  func specialFiles() throws {
    try fixture.put(try UpscaleFixture.picture(), "good.png")
    try fixture.put([], "empty.png")
    let path = fixture.inputs
    #expect(mkfifo(path + "/fifo.png", 0o600) == 0)
    try FileManager.default.createDirectory(atPath: path + "/folder.png", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path + "/device.png", withDestinationPath: "/dev/zero")
    try FileManager.default.createSymbolicLink(atPath: path + "/loop.png", withDestinationPath: "loop.png")
    try fixture.put([], "giant.png")
    #expect(truncate(path + "/giant.png", 10 << 30) == 0)
    try makeSocket("socket.png", in: path)
    let run = try fixture.run()
    #expect(run.code == 1)
    #expect(try fixture.tree().keys.sorted() == ["good.png"])
    for (name, reason) in [
      ("fifo", "fifo"), ("device", "symbolic link"), ("loop", "symbolic link"), ("socket", "socket"),
      ("empty", "0 bytes"), ("giant", "limit"),
    ] {
      #expect(
        run.errors.split(separator: "\n").contains { $0.contains("\(name).png") && $0.contains(reason) })
    }
    // Named by the user, they are failures.
    for name in ["fifo", "socket", "loop"] {
      let alone = try Acuity.run(
        ["upscale", "\(path)/\(name).png", "-o", fixture.folder("x.png"), "--model", fixture.model])
      #expect(alone.code == 66, "\(name): \(alone.errors)")
    }
  }

  /// A thread's usual stack is here more than a codec may have. Enlarged, noise is written without a search.
  @Test("A codec's process that gets no further thread writes the same file alone")
  func noThreads() throws {
    try fixture.put(try UpscaleFixture.picture(width: 320, height: 240), "a.png")
    let options = ["--stages", "resize:scale=2", "--threads", "4"]
    #expect(try fixture.run(options).code == 0)
    let usual = try fixture.tree()
    fixture.clearOutputs()
    let line = "ulimit -s 1000000; exec \"$0\" \"$@\""
    let run = try Run(path: "/bin/sh", ["-c", line, Acuity.path] + fixture.arguments(options))
      .wait(seconds: 60)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree() == usual)
  }
}
