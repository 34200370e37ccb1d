import Folders
import Foundation
import TestSupport
import Testing
import Watching

@Suite struct StatusFileTests {
  let home: TemporaryFolder

  init() throws {
    home = try TemporaryFolder()
  }

  var status: WatchStatus {
    WatchStatus(process: 42, input: "/in", output: "/out", started: "2026-01-01T00:00:00Z")
  }

  @Test func isReadBackAsItWasWritten() throws {
    let file = try StatusFile(bytes(home.path + "/new/folder/status.json"))
    var status = status
    status.state = .paused
    status.problems = [WatchStatus.Problem(file: "a\\xff.png", reason: "\"quoted\"")]
    try file.write(status.json)
    let data = try #require(FileManager.default.contents(atPath: home.path + "/new/folder/status.json"))
    #expect(data.count % 4096 == 0)
    #expect(try jsonDecoder.decode(WatchStatus.self, from: data) == status)
  }

  @Test func metricsAreInPrometheusTextFormat() throws {
    var status = status
    status.state = .watching
    status.done = 7
    status.incomplete = 2
    (status.failedAttempts, status.scans, status.rescans) = (8, 9, 6)
    (status.finished, status.quarantined) = (11, 12)
    (status.settling, status.queued, status.retrying) = (3, 4, 5)
    let lines = String(decoding: status.metrics, as: UTF8.self).split(separator: "\n")
    #expect(lines.contains("acuity_watch_up 1"))
    for (name, count) in [
      "done_total": 7, "failed_attempts_total": 8, "scans_total": 9, "rescans_total": 6, "finished": 11,
      "quarantined": 12,
    ] { #expect(lines.contains("acuity_watch_\(name) \(count)")) }
    for (state, count) in ["incomplete": 2, "settling": 3, "queued": 4, "retrying": 5, "working": 0] {
      #expect(lines.contains("acuity_watch_inputs{state=\"\(state)\"} \(count)"))
    }
    #expect(lines.contains("acuity_watch_state{state=\"paused\"} 0"))
    for line in lines where !line.hasPrefix("#") {
      #expect(line.wholeMatch(of: /[a-z_]+(\{state="[a-z]+"\})? [0-9]+/) != nil, "\(line)")
    }
    // Every metric is described before its samples.
    let described = Set(lines.compactMap { $0.wholeMatch(of: /# TYPE (\S+) (gauge|counter)/)?.1 })
    let used = Set(lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != "{" && $0 != " " } })
    #expect(described == used)
    for state in WatchStatus.State.allCases where state != .watching {
      status.state = state
      #expect(String(decoding: status.metrics, as: UTF8.self).contains("acuity_watch_up 0\n"))
    }
  }

  @Test func aFolderInPlaceOfAFormerOneIsFoundButNoneIsMade() throws {
    let file = try StatusFile(bytes(home.path + "/folder/status"))
    try FileManager.default.removeItem(atPath: home("folder"))
    #expect(throws: FileError.self) { try file.write([1]) }
    #expect(try home.entries.isEmpty)
    try FileManager.default.createDirectory(atPath: home("folder"), withIntermediateDirectories: false)
    try file.write([2])
    #expect(FileManager.default.contents(atPath: home("folder/status")) == Data([2]))
  }

  @Test func aFolderIsNoStatusFile() throws {
    #expect(throws: FileError.self) { try StatusFile(bytes(home.path + "/")) }
    try FileManager.default.createDirectory(atPath: home("folder"), withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try StatusFile(bytes(home.path + "/folder")) }
  }

  @Test func noLinkOrDeviceGivesWayToAStatusFile() throws {
    try home.write([1], to: "file")
    try FileManager.default.createSymbolicLink(atPath: home("link"), withDestinationPath: "file")
    for path in [home("link"), "/dev/null"] {
      // EEXIST
      #expect(throws: FileError(.write, path, code: 17)) { try StatusFile(bytes(path)) }
    }
  }
}
