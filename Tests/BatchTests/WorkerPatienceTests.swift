import Foundation
import TestSupport
import Testing

@testable import Batch

@Suite struct WorkerPatienceTests {
  private static let second = Duration.seconds(1)

  /// Lets the processor time of this process grow.
  private func compute(_ time: Double = 0.002) {
    let end = clock() + clock_t(time * Double(CLOCKS_PER_SEC))
    while clock() < end {}
  }

  /// A process that waits for another; it may take a moment until it does.
  private func withIdleProcess(_ body: (pid_t) -> Void) throws {
    // Foundation's `Process` reads beyond the end of a buffer as it looks for open descriptors: the address sanitizer says so.
    let run = try Run(path: "/bin/sh", ["-c", "sleep 1000 & echo ready >&2; wait"])
    #expect(run.waits { !run.messages.isEmpty })
    body(run.processIdentifier)
    withExtendedLifetime(run) {}
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
    for _ in 0..<9 {
      compute()
      #expect(patience.allows(.seconds(100), slice: .seconds(100)))
    }
  }

  /// Else a process that sleeps, and wakes for a moment now and then, would be waited for without an end.
  @Test func whatHardlyComputesIsWaitedForManyTimesAsLong() {
    let patience = WorkerPatience(getpid(), seconds: 3)
    for second in 1...30 {
      compute()
      #expect(patience.allows(Self.second, slice: Self.second) == (second < 30), "\(second)")
    }
  }

  /// A stream that never ends is none that is waited for without an end.
  @Test func aLittleNowAndThenIsNoAnswer() throws {
    let folder = try TemporaryFolder()
    let pipe = folder("pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    let input = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(input) }
    let run = try Run(
      path: "/bin/sh", ["-c", "echo begun >&2; while printf x; do sleep 0.05; done"], output: pipe)
    #expect(run.waits { !run.messages.isEmpty })
    let patience = WorkerPatience(run.processIdentifier, seconds: 100, longest: .seconds(1))
    let channel = WorkerChannel(input: input, output: -1, patience: patience)
    #expect(throws: WorkerChannel.Problem.timeout) { try channel.body(1000) }
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
