import Foundation
import TestSupport
import Testing
import Watching

/// `acuity watch` under a service manager.
@Suite struct WatchServiceTests {
  @Test func tellsTheServiceManagerHowItStands() throws {
    let bench = try WatchBench()
    let listener = try Listener()
    let run = try bench.start(
      ["--scale", "8"], environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "400000"],
      model: bench.slowModel())
    var seen: [String] = []
    func waitFor(_ message: String) -> Bool {
      while let next = listener.receive() {
        seen.append(next)
        if next == message { return true }
      }
      return false
    }
    #expect(waitFor("READY=1"))
    // Ready means: locked, and everything looked at once.
    #expect(try bench.start().wait().code == 75)
    #expect(bench.status?.scans == 1)
    #expect(waitFor("WATCHDOG=1"))
    // Also while it computes: what was sent before is read away.
    try bench.put(smallPicture(1, width: 300, height: 300), "a.png")
    #expect(eventually { bench.status?.working.isEmpty == false })
    while let next = listener.receive(wait: false) { seen.append(next) }
    for _ in 0..<2 { #expect(waitFor("WATCHDOG=1")) }
    #expect(bench.result("a.png") == nil)
    run.signal(SIGTERM)
    #expect(waitFor("STOPPING=1"))
    #expect(run.wait().code == 0)
    #expect(seen.firstIndex(of: "READY=1").map { seen[..<$0].contains("STOPPING=1") } == false)
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "needs systemd"))
  func theUnitLeavesAnAttackerHardlyAnything() throws {
    let units = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Watching/Service/acuity-watch@.service")
    let home = try TemporaryFolder()
    let unit = try home.write(Array(try Data(contentsOf: units)), to: "acuity-watch@photos.service")
    let run = try Run(
      path: "/usr/bin/systemd-analyze",
      ["security", "--offline=true", "--no-pager", unit].map { Array($0.utf8) },
      environment: [:], output: nil)
    let text = run.wait().text
    let line = try #require(text.split(separator: "\n").last { $0.contains("Overall exposure level") })
    let exposure = try #require(line.firstMatch(of: #/: ([0-9]+\.[0-9]+) /#).flatMap { Double($0.1) })
    #expect(exposure <= 1.0, "\(line)")
    // One codec that takes too much memory costs its picture, not the service.
    #expect(try String(contentsOf: units, encoding: .utf8).contains("\nOOMPolicy=continue\n"))
    // Without this call a codec worker's own filter is not there, and nothing says so.
    let allowed = try String(contentsOf: units, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("SystemCallFilter=") && !$0.contains("~") }
    #expect(allowed.contains { $0.split(separator: " ").contains("seccomp") })
  }
}
