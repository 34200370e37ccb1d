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
      ["--scale", "8", "--threads", "2"],
      // Seldom enough that the system's queue, which may hold only ten messages, takes all of a busy moment.
      environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "4000000"],
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

  private static let unit = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/Watching/Service/acuity-watch@.service")

  /// How exposed systemd finds a service of this unit.
  private static func assessment(_ content: [UInt8]) throws -> Run.Result {
    let home = try TemporaryFolder()
    let path = try home.write(content, to: "acuity-watch@photos.service")
    return try withExtendedLifetime(home) {
      try Run(path: "/usr/bin/systemd-analyze", ["security", "--offline=true", "--no-pager", path]).wait()
    }
  }

  private static let canAssess =
    (try? assessment(bytes("[Service]\nExecStart=/bin/true\n")))?.code == 0

  @Test(.enabled(if: canAssess, "needs systemd-analyze of systemd 250"))
  func theUnitLeavesAnAttackerHardlyAnything() throws {
    let content = try String(contentsOf: Self.unit, encoding: .utf8)
    let text = try Self.assessment(bytes(content)).text
    let line = try #require(text.split(separator: "\n").last { $0.contains("Overall exposure level") })
    let exposure = try #require(line.firstMatch(of: #/: ([0-9]+\.[0-9]+) /#).flatMap { Double($0.1) })
    #expect(exposure <= 1.0, "\(line)")
    // One codec that takes too much memory costs its picture, not the service.
    #expect(content.contains("\nOOMPolicy=continue\n"))
    // Without this call a codec worker's own filter is not there, and nothing says so.
    let allowed = content.split(separator: "\n")
      .filter { $0.hasPrefix("SystemCallFilter=") && !$0.contains("~") }
    #expect(allowed.contains { $0.split(separator: " ").contains("seccomp") })
  }
}
