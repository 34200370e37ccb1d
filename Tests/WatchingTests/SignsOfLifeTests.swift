import Foundation
import TestSupport
import Testing

@testable import Watching

/// What is expected of files that are worked on, and of those that wait.
@Suite struct SignsOfLifeTests {
  @Test func nothingIsExpectedOfAFileThatWaitsForOthers() async throws {
    let harness = try Harness()
    let (mayWork, mayEnd) = (StopFlag(), StopFlag())
    let hook: TextProcessor.Hook = { _, course in
      course.waits(true)
      while !mayWork.isSet { try? await Task.sleep(for: .milliseconds(1)) }
      course.waits(false)
      while !mayEnd.isSet { try? await Task.sleep(for: .milliseconds(1)) }
      return nil
    }
    try harness.write("text.", "a.png")
    try await harness.run(hook: hook) { processor, watcher in
      defer {
        mayWork.set()
        mayEnd.set()
      }
      #expect(await eventually { !processor.begun.isEmpty })
      #expect(await eventually { await watcher.vitals.lastSign(of: "a.png") == nil })
      mayWork.set()
      #expect(await eventually { await watcher.vitals.lastSign(of: "a.png") != nil })
      mayEnd.set()
      #expect(await eventually { harness.result("a.png") == "TEXT." })
      #expect(await eventually { await watcher.vitals.lastSign(of: "a.png") == nil })
    }
  }

  @Test func askingWhetherToStopIsASign() async throws {
    let harness = try Harness()
    let hook: TextProcessor.Hook = { _, course in
      while !course.isCancelled() { try? await Task.sleep(for: .milliseconds(1)) }
      return .released
    }
    try harness.write("text.", "a.png")
    try await harness.run(hook: hook) { processor, watcher in
      #expect(await eventually { !processor.begun.isEmpty })
      let last = await watcher.vitals.lastSign(of: "a.png")
      let first = try #require(last)
      #expect(await eventually { await watcher.vitals.lastSign(of: "a.png").map { $0 > first } == true })
    }
  }
}
