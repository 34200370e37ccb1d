import Acuity
import Folders
import Foundation
import TestSupport
import Testing

/// Names and links of every hostile kind.
@Suite("acuity upscale and hostile names")
struct UpscaleNameTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  private static var names: [[UInt8]] {
    let texts: [String] = [
      "-rf.png", "--help.png", "-.png", "~.png", "$HOME.png", "$(id).png", "`id`.png", "a b.png", " a.png",
      "a .png",
      "a\nb.png", "a\rb.png", "a\tb.png", "\u{1b}[2J.png", "\u{1b}]0;x\u{7}.png", "\u{9b}2J.png",
      "\u{202e}gnp.png",
      "\u{200b}.png", "\u{feff}.png", "e\u{301}.png", "\u{e9}.png", "日本語.png", "😀.png", "a'b.png", "a\"b.png",
      "a\\b.png", "a*b.png", "a?b.png", "[a].png", "{stem}.png", "%s%n.png", "a;b.png", "a|b.png", "a&b.png",
      "...png",
      "CON.png", "a.png.png",
    ]
    let end: [UInt8] = Array(".png".utf8)
    let others: [[UInt8]] = [
      [0xff, 0xfe], [0xc3], [0xed, 0xa0, 0x80], [UInt8](repeating: 0x6e, count: 251),
    ]
    return texts.map { Array($0.utf8) } + others.map { $0 + end }
  }

  @Test("Every name gets its output under the same bytes, and none reaches the terminal raw")
  func hostileNames() throws {
    // File systems that take only Unicode take both spellings of a letter for one.
    let names = Self.names.filter {
      TemporaryFolder.takesRawNames
        || String(validating: $0, as: UTF8.self) != nil && $0 != Array("e\u{301}.png".utf8)
    }
    #expect(names.count >= 36)
    for (index, name) in names.enumerated() {
      try fixture.put(try UpscaleFixture.picture(width: 4, height: 4, seed: UInt64(index)), name)
    }
    try fixture.put(Array("no picture".utf8), Array("\u{1b}[31mbad.png".utf8))
    let run = try fixture.run(["--log-format", "text"])
    #expect(run.code == 1)
    let outputs = try Folder(Array(fixture.outputs.utf8)).names()
    #expect(outputs == names.sorted { $0.lexicographicallyPrecedes($1) })
    let control = run.messages.filter { ($0 < 0x20 && $0 != 0x0a) || $0 == 0x7f }
    #expect(control.isEmpty)
    // Lines end where messages do, not in the middle of "a\nb.png".
    #expect(!run.errors.split(separator: "\n").contains { $0.hasPrefix("b.png") })
    #expect(String(validating: run.messages, as: UTF8.self) != nil)
    #expect(!run.errors.unicodeScalars.contains { (0x80..<0xa0).contains($0.value) || $0.value == 0x202e })

    // What the JSON says of a name leads back to its bytes.
    fixture.clearOutputs()
    let json = try fixture.run(["--log-format", "json"])
    let labels = try json.errors.split(separator: "\n").compactMap { line -> [UInt8]? in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard object?["event"] as? String == "done", let file = object?["file"] as? String else { return nil }
      return unescaped(file)
    }
    #expect(Set(labels) == Set(names.map { Array((fixture.inputs + "/").utf8) + $0 }))
  }

  @Test(
    "Names are arguments too, as bytes",
    .enabled(if: TemporaryFolder.takesRawNames, "needs a file system whose names are bytes"))
  func arguments() throws {
    for (index, name) in Self.names.enumerated() where name.first != UInt8(ascii: "-") {
      try fixture.put(try UpscaleFixture.picture(width: 4, height: 4), name)
      let input = Array((fixture.inputs + "/").utf8) + name
      let output = Array(fixture.folder("out-\(index)/").utf8)
      let arguments = ["upscale", "--quiet", "--isolation", "none", "--model", fixture.model, "-o"]
      let run = try Acuity.run(bytes: arguments.map { Array($0.utf8) } + [output, input])
      #expect(run.code == 0, "\(escaped(name)): \(run.errors)")
      #expect(try Folder(Array(output.dropLast())).names() == [name])
    }
  }

  @Test("Nothing outside the output folder is written, whatever links lead there")
  func links() throws {
    let manager = FileManager.default
    let outside = fixture.folder("outside")
    try manager.createDirectory(atPath: outside + "/deep", withIntermediateDirectories: true)
    try fixture.folder.write(Array("precious".utf8), to: "outside/a.png")
    try fixture.folder.write(Array("precious".utf8), to: "outside/deep/b.png")
    for path in ["a.png", "dir/b.png", "up/c.png", "dangling/d.png", "e.png", "chain/f.png"] {
      try fixture.put(try UpscaleFixture.picture(), path)
    }
    try manager.createDirectory(atPath: fixture.outputs, withIntermediateDirectories: true)
    for (name, target) in [
      ("a.png", outside + "/a.png"), ("dir", outside + "/deep"), ("up", "../outside"),
      ("dangling", outside + "/new"), ("e.png", outside + "/e.png"), ("chain", "dir"),
    ] {
      try manager.createSymbolicLink(atPath: fixture.outputs + "/" + name, withDestinationPath: target)
    }
    let before = try fixture.tree(outside)
    // What goes through a linked folder fails whatever the policy. Those that make the two others, in a link's place or
    // beside it, have failed in part; with the rest there is no output at all, which is the output folder's fault.
    for (policy, code) in [
      ("skip", 73), ("verify", 73), ("overwrite", 1), ("rename", 1), ("fail", 73),
    ] as [(String, Int32)] {
      let run = try fixture.run(["--if-exists", policy])
      #expect(run.code == code, "\(policy): \(run.errors)")
      #expect(try fixture.tree(outside) == before, "\(policy)")
    }
    // Inputs beyond a link are not entered either, and names that lead upward are refused.
    try manager.createSymbolicLink(atPath: fixture.inputs + "/linked", withDestinationPath: outside)
    fixture.clearOutputs()
    #expect(try fixture.run().code == 0)
    #expect(try fixture.tree().keys.allSatisfy { !$0.hasPrefix("linked") })
    for pattern in ["../{name}", "/tmp/{name}", "{stem}/../../x.png"] {
      #expect(try fixture.run(["--name", pattern]).code == 64)
    }
    #expect(try fixture.tree(outside) == before)
  }

  @Test("A folder that is swapped for a link while the run goes on leads nowhere")
  func swaps() throws {
    let manager = FileManager.default
    let outside = fixture.folder("outside")
    try manager.createDirectory(atPath: outside, withIntermediateDirectories: true)
    // One thread, hence few of many files under way, and most of them still to come.
    for index in 0..<300 {
      try fixture.put(
        try UpscaleFixture.picture(width: 8, height: 8, seed: UInt64(index)), "sub/\(index).png")
    }
    let run = try Acuity.start(fixture.arguments(["--threads", "1"]).map { Array($0.utf8) })
    let sub = fixture.outputs + "/sub"
    // More than are under way at a time: some are done.
    #expect(
      run.waits {
        let names = (try? manager.contentsOfDirectory(atPath: sub)) ?? []
        return names.count { !$0.hasPrefix(".acuity-") } > 10
      })
    run.signal(SIGSTOP)
    try manager.moveItem(atPath: sub, toPath: fixture.outputs + "/moved")
    try manager.createSymbolicLink(atPath: sub, withDestinationPath: outside)
    run.signal(SIGCONT)
    let result = run.wait()
    #expect(result.code == 1, "\(result.errors)")
    #expect(try fixture.tree(outside).isEmpty)
  }

  @Test("Two inputs of one output are refused before any work")
  func collisions() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    try fixture.put(try UpscaleFixture.picture(as: .jpeg), "a.jpg")
    let run = try fixture.run(["--format", "webp"])
    #expect(run.code == 64)
    #expect(run.errors.contains("a.jpg") && run.errors.contains("a.png"))
    #expect(try fixture.tree().isEmpty)
  }
}
