import Foundation
import Testing

@testable import Batch

@Suite struct WorkerPatienceTests {
  private static let second = Duration.seconds(1)

  /// Lets the processor time of this process grow.
  private func compute(_ time: Double = 0.002) {
    let end = clock() + Int(time * Double(CLOCKS_PER_SEC))
    while clock() < end {}
  }

  /// A process that waits for input; it may take a moment until it does.
  private func withIdleProcess(_ body: (pid_t) -> Void) throws {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/bin/cat")
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    defer { process.terminate() }
    input.fileHandleForWriting.write(Data([1]))
    #expect(output.fileHandleForReading.availableData == Data([1]))
    body(process.processIdentifier)
  }

  /// After how many waits of so long there was no patience left.
  private func turns(_ patience: WorkerPatience, _ wait: Duration) -> Int? {
    (1...9).first { _ in !patience.allows(wait, slice: Self.second) }
  }

  @Test func aProcessThatDoesNothingIsNotWaitedForLonger() throws {
    try withIdleProcess { process in
      #expect([3, 4].contains(turns(WorkerPatience(process, seconds: 3), Self.second)))
    }
  }

  @Test func whatComputesOnABusyMachineIsWaitedFor() {
    let patience = WorkerPatience(getpid(), seconds: 100)
    for _ in 0..<20 {
      compute()
      #expect(patience.allows(.seconds(100), slice: .seconds(100)))
    }
  }

  /// As when both processes were stopped and continued, or the machine slept.
  @Test func aWaitThatTookLongerThanItShouldCountsAsOne() throws {
    try withIdleProcess { process in
      #expect([3, 4].contains(turns(WorkerPatience(process, seconds: 3), .seconds(1000))))
    }
  }

  @Test func aProcessThatLiftsItsLimitIsEnded() {
    let patience = WorkerPatience(getpid(), seconds: 1, grace: .zero)
    compute(1.1)
    #expect(!patience.allows(Self.second, slice: Self.second))
  }
}
