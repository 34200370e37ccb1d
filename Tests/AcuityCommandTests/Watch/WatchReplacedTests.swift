import Foundation
import TestSupport
import Testing
import Watching

/// A watched folder that gives way to another one, as `acuity watch` takes it.
@Suite struct WatchReplacedTests {
  @Test func aFolderThatGaveWayToAnotherIsLetGoOfAndMayComeBack() throws {
    let bench = try WatchBench()
    let run = try bench.start()
    try bench.put(smallPicture(1), "a.png")
    #expect(eventually { bench.result("a.png") != nil })
    let manager = FileManager.default
    try manager.moveItem(atPath: bench.input, toPath: bench.home("disk"))
    try manager.createDirectory(atPath: bench.input, withIntermediateDirectories: true)
    try bench.put(smallPicture(2), "b.png")
    #expect(eventually { bench.result("b.png") != nil })
    #if os(Linux)
      let open = "/proc/\(run.processIdentifier)/fd"
      let targets = try manager.contentsOfDirectory(atPath: open).compactMap {
        try? manager.destinationOfSymbolicLink(atPath: open + "/" + $0)
      }
      #expect(targets.contains(bench.input) && !targets.contains(bench.home("disk")))
    #endif
    try manager.removeItem(atPath: bench.input)
    try manager.moveItem(atPath: bench.home("disk"), toPath: bench.input)
    try bench.put(smallPicture(3), "c.png")
    #expect(eventually { bench.result("c.png") != nil })
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
  }

  @Test func theFolderThatIsBackIsNamed() throws {
    let bench = try WatchBench()
    let run = try bench.start()
    #expect(run.waits { bench.status?.state == .watching })
    for folder in [bench.output, bench.input] {
      let said = run.messages
      try FileManager.default.moveItem(atPath: folder, toPath: bench.home("away"))
      #expect(run.waits { run.messages.dropFirst(said.count).contains("waiting for the folder") })
      try FileManager.default.moveItem(atPath: bench.home("away"), toPath: folder)
      #expect(run.waits { run.messages.contains("the folder is back (folder \(folder))") })
    }
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
  }
}
