#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  @testable import Batch

  @Suite struct WorkerProcessTests {
    /// The states of this process's children by that name, as /proc has them: Z is dead, and not waited for.
    private func children(named name: String) -> [Character] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.filter { Int($0) != nil }.compactMap { process in
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
          let end = status.range(of: "(\(name)) ")?.upperBound
        else { return nil }
        let fields = status[end...].split(separator: " ")
        return Int(fields[1]) == Int(getpid()) ? fields[0].first : nil
      }
    }

    /// A process that is not needed any more is killed, and not waited for; the next one to be started sees to it.
    @Test func killedOnesLeaveNoEntryBehind() async throws {
      let folder = try TemporaryFolder()
      let program = folder("drowsy")
      try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: "/bin/sleep")
      let command = WorkerProcess.Command(executable: program, arguments: ["1000"], environment: [:])
      for _ in 0..<3 { _ = try WorkerProcess.start(command) }
      #expect(await eventually { children(named: "drowsy").allSatisfy { $0 == "Z" } })
      let last = try WorkerProcess.start(command)
      withExtendedLifetime(last) {
        let states = children(named: "drowsy")
        #expect(states.count == 1 && states.first != "Z", "\(states)")
      }
    }
  }
#endif
