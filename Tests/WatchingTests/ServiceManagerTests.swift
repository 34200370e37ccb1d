import Foundation
import TestSupport
import Testing
import Watching

@Suite struct ServiceManagerTests {
  @Test func reachesASocketInTheFileSystem() throws {
    let listener = try Listener()
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.path]))
    manager.notify("READY=1")
    #expect(listener.receive() == "READY=1")
    #expect(manager.watchdog == nil)
  }

  #if os(Linux)
    @Test func reachesASocketOutsideTheFileSystem() throws {
      let listener = try Listener(abstract: true)
      let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.path]))
      manager.notify("STATUS=a line")
      #expect(listener.receive() == "STATUS=a line")
    }
  #endif

  @Test func thereIsNoneWithoutASocketThatCanBeUsed() {
    #expect(ServiceManager(environment: [:]) == nil)
    #expect(ServiceManager(environment: ["NOTIFY_SOCKET": ""]) == nil)
    #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "vsock:2:1"]) == nil)
    #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]) == nil)
  }

  @Test func nobodyListeningIsNoError() throws {
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]))
    manager.notify("READY=1")
  }

  /// The system queues only some hundreds of messages for a listener that does not read.
  @Test func aListenerThatDoesNotReadHoldsNothingUp() throws {
    let listener = try Listener()
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.path]))
    for index in 0..<5000 { manager.notify("STATUS=\(index)") }
    #expect(listener.receive() == "STATUS=0")
  }

  @Test func theWatchdogIsForTheProcessThatIsNamed() {
    func watchdog(_ environment: [String: String]) -> Duration? {
      ServiceManager(environment: environment.merging(["NOTIFY_SOCKET": "/x"]) { a, _ in a })?.watchdog
    }
    let own = "\(ProcessInfo.processInfo.processIdentifier)"
    #expect(watchdog(["WATCHDOG_USEC": "2000000"]) == .seconds(2))
    #expect(watchdog(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": own]) == .seconds(2))
    #expect(watchdog(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"]) == nil)
    #expect(watchdog(["WATCHDOG_USEC": "0"]) == nil)
    #expect(watchdog(["WATCHDOG_USEC": "soon"]) == nil)
  }

  @Test func theHeartBeatsAsLongAsThereAreSignsOfLife() async throws {
    let listener = try Listener()
    let manager = try #require(
      ServiceManager(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "30000"]))
    let vitals = Vitals(limit: .milliseconds(300))
    let heartbeat = try #require(Heartbeat(to: manager, vitals: vitals))
    // One sign may be old before the next beat on a busy machine.
    func beatsWithSigns() async -> Bool {
      await eventually {
        vitals.sign(of: "engine")
        return listener.receive(wait: false) == "WATCHDOG=1"
      }
    }
    #expect(await beatsWithSigns())
    // Stuck: a beat may be under way still, and is read away with those before; then nothing more comes, in many times
    // the 10 ms between two beats.
    #expect(await eventually { !vitals.areGood() })
    try await Task.sleep(for: .milliseconds(100))
    while listener.receive(wait: false) != nil {}
    try await Task.sleep(for: .milliseconds(200))
    #expect(listener.receive(wait: false) == nil)
    #expect(await beatsWithSigns())
    withExtendedLifetime(heartbeat) {}
  }

  @Test func workThatHasEndedNeedsNoSigns() {
    let vitals = Vitals(limit: .seconds(1))
    let start = ContinuousClock.now
    vitals.sign(of: "a", at: start)
    vitals.sign(of: "b", at: start)
    vitals.sign(of: "a", at: start + .seconds(5))
    #expect(!vitals.areGood(at: start + .seconds(5)))
    vitals.end("b")
    #expect(vitals.areGood(at: start + .seconds(5)))
  }
}
