import Acuity
import Folders
import Foundation
import TestSupport
import Testing

/// What a plug-in may do to the process that it is loaded into.
@Suite("acuity upscale with plug-ins")
struct UpscalePlugInTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(), "a.png")
  }

  private func run(fault: String, to output: String, _ more: [String] = []) throws -> Acuity.Result {
    try Acuity.run(
      [
        "upscale", fixture.inputs + "/a.png", "-o", output, "--plugin", BuiltProducts.library("Misbehaving"),
        "--stages", "misbehaving:fault=\(fault)",
      ] + more)
  }

  @Test(
    "A plug-in that ends the process is no success, whenever it does",
    arguments: [("exit-in-create", []), ("exit-in-size", []), ("exit-in-size", ["--dry-run"]), ("exit", [])])
  func exit(fault: String, more: [String]) throws {
    let run = try run(fault: fault, to: fixture.outputs + "/", more)
    #expect(run.code == 74 && run.errors.contains("a plug-in has ended the process"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
  }

  @Test(
    "A plug-in that changes the working directory is told, and nothing goes astray",
    arguments: ["move-in-create", "move-in-size", "move"])
  func moves(fault: String) throws {
    // The stage alone fails; the other output and the report are where the user wants them.
    try fixture.folder.write(
      Array(
        """
        inputs: in
        outputs:
          - {folder: plain, stages: "resize:scale=2"}
          - {folder: out, stages: "misbehaving:fault=\(fault)"}
        plug-ins: [\(BuiltProducts.library("Misbehaving"))]
        """.utf8), to: "job.yaml")
    let run = try Run.shell(
      "'\(Acuity.path)' run job.yaml --report report --ledger ledger", in: fixture.folder.path)
    #expect(run.errors.contains("it changed the working directory"), "\(run.errors)")
    let isOfOptions = fault == "move-in-create"
    #expect(run.code == (isOfOptions ? 64 : 1), "\(run.errors)")
    let made = ["report", "ledger", "plain/a.png"].filter {
      FileManager.default.fileExists(atPath: fixture.folder($0))
    }
    #expect(made == (isOfOptions ? [] : ["report", "ledger", "plain/a.png"]))
  }

  @Test(
    "A plug-in that changes the working directory while it is loaded is refused, and others of its folder are not"
  )
  func movesAsItIsLoaded() throws {
    let libraries = ["Misbehaving", "ExampleC"].map { BuiltProducts.library($0) }
    for library in libraries {
      try FileManager.default.createDirectory(
        atPath: fixture.folder("plugins"), withIntermediateDirectories: true)
      let name = (library as NSString).lastPathComponent
      try FileManager.default.copyItem(atPath: library, toPath: fixture.folder("plugins/0" + name))
    }
    let run = try Run.shell(
      "ACUITY_TEST_MOVE_IN_ENTRY=1 '\(Acuity.path)' upscale in -o out --plugin plugins --stages vignette",
      in: fixture.folder.path)
    #expect(run.errors.contains("it changed the working directory"), "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["a.png"], "\(run.errors)")
  }

  @Test("Commands that use plug-ins end with their own codes")
  func codes() throws {
    let done = try run(fault: "none", to: fixture.outputs + "/")
    #expect(done.code == 0, "\(done.errors)")
    // Its child may end as it likes.
    let forked = try run(fault: "fork", to: fixture.folder("forked/"))
    #expect(forked.code == 0 && !forked.errors.contains("ended the process"), "\(forked.errors)")
    let failed = try run(fault: "process", to: fixture.folder("new/"))
    #expect(failed.code == 1 && !failed.errors.contains("ended the process"), "\(failed.errors)")
    let unknown = try run(fault: "unknown", to: fixture.folder("new/"))
    #expect(unknown.code == 64 && !unknown.errors.contains("ended the process"), "\(unknown.errors)")
  }

  @Test("What a plug-in prints does not get into the picture on standard output, nor among events")
  func prints() throws {
    #expect(try run(fault: "none", to: fixture.outputs + "/").code == 0)
    let picture = try run(fault: "print", to: "-")
    #expect(picture.code == 0 && picture.errors.contains("noise"), "\(picture.errors)")
    #expect(picture.output == (try fixture.tree()["a.png"]))
    let events = try run(fault: "print", to: fixture.folder("new/"), ["--events-fd", "1"])
    #expect(events.code == 0 && events.errors.contains("noise"), "\(events.errors)")
    let lines = events.text.split(separator: "\n")
    #expect(lines.count >= 3 && lines.allSatisfy { $0.hasPrefix("{") }, "\(events.text)")
  }

  /// The loader would look for it in the system's folders.
  @Test("A plug-in in the working directory is named without a slash")
  func plainName() throws {
    try FileManager.default.copyItem(
      atPath: BuiltProducts.library("ExampleC"), toPath: fixture.folder("vignette.so"))
    let line = "cd \"$1\" && \"$0\" stages vignette --plugin vignette.so"
    let run = try Run(path: "/bin/sh", ["-c", line, Acuity.path, fixture.folder.path]).wait()
    #expect(run.code == 0 && run.text.contains("vignette"), "\(run.errors)")
  }

  #if os(Linux)
    @Test("The path of a plug-in, and of a folder of them, is bytes")
    func path() throws {
      let folder = try Folder(bytes(fixture.folder("plugins")) + [0xff], create: true)
      let library = try [UInt8](Data(contentsOf: URL(fileURLWithPath: BuiltProducts.library("ExampleC"))))
      let name = [0x6e, 0xff] + bytes(".so")
      try folder.write(library, to: name, replacing: false)
      let path = bytes(fixture.folder("plugins")) + [0xff]
      for place in [path, path + bytes("/") + name] {
        let run = try Acuity.run(bytes: [bytes("stages"), bytes("vignette"), bytes("--plugin"), place])
        #expect(run.code == 0 && run.text.contains("plugins\\xff/n\\xff.so"), "\(run.errors)")
      }
    }
  #endif
}
