import Acuity
import TestSupport
import Testing

@testable import Batch

@Suite("A picture that is decoded before anybody asks for it")
struct ForeseenPictureTests {
  @Test("Who asks for it gets the answer of the process that has it")
  func taken() async throws {
    let program = try await CountedProgram()
    let coder = WorkerCoder(.init(executable: program.path))
    coder.start()
    let file = try picture()
    coder.foresee(file)
    for _ in 1...2 {
      let image = try await coder.decode(file, limits: Limits(), options: ReadOptions())
      #expect(try image == ImageFile.read(bytes: file))
    }
    #expect(try program.starts() == 1)
  }

  @Test(
    "Another file, and the same by other options or limits, is decoded by another process",
    arguments: [
      (2, Limits(), ReadOptions()), (1, Limits(maxPixels: 5000), ReadOptions()),
      (1, Limits(), ReadOptions(acceptsDamage: true)),
    ] as [(UInt64, Limits, ReadOptions)])
  func others(seed: UInt64, limits: Limits, options: ReadOptions) async throws {
    let program = try await CountedProgram()
    let coder = WorkerCoder(.init(executable: program.path))
    coder.start()
    let file = try picture()
    coder.foresee(file)
    let other = try picture(seed: seed)
    let image = try await coder.decode(other, limits: limits, options: options)
    #expect(try image == ImageFile.read(bytes: other))
    #expect(try program.starts() == 2)
    #expect(
      try await coder.decode(file, limits: Limits(), options: ReadOptions()) == ImageFile.read(bytes: file))
    #expect(try program.starts() == 2)
  }

  @Test("What does not fit the pipe, is no picture, or has no process waiting, is left until it is asked for")
  func left() async throws {
    let program = try await CountedProgram()
    let coder = WorkerCoder(.init(executable: program.path))
    let file = try picture()
    coder.foresee(file)
    #expect(try program.starts() == 0)
    coder.start()
    let large = try ImageFile.encode(
      Pictures.noise(width: 1000, height: 500, layout: .rgb, seed: 1), as: .png, options: EncodeOptions())
    #expect(large.count > 1 << 20)
    coder.foresee(large)
    coder.foresee(bytes("GIF89a"))
    for file in [file, large] {
      let image = try await coder.decode(file, limits: Limits(), options: ReadOptions())
      #expect(try image == ImageFile.read(bytes: file))
    }
    #expect(try program.starts() == 1)
  }

  @Test("What its codec does costs this file")
  func crash() async throws {
    let coder = WorkerCoderTests.coder(seconds: 60)
    coder.start()
    let bad = try faulty("crash")
    coder.foresee(bad)
    do throws(CodingError) {
      _ = try await coder.decode(bad, limits: Limits(), options: ReadOptions())
      Issue.record("decoded")
    } catch {
      guard case .codecLost(let text) = error else { throw error }
      #expect(text.contains("crashed (SIGSEGV)"), "\(text)")
    }
    let good = try picture()
    #expect(
      try await coder.decode(good, limits: Limits(), options: ReadOptions()) == ImageFile.read(bytes: good))
  }

  @Test("A process that does not answer is not waited for once the run is to stop")
  func stop() async throws {
    let coder = WorkerCoderTests.coder(seconds: 60)
    coder.start()
    let bad = try faulty("hang")
    coder.foresee(bad)
    let stopping = coder.stopping { true }
    await #expect(throws: CodingError.cancelled) {
      try await stopping.decode(bad, limits: Limits(), options: ReadOptions())
    }
  }
}
