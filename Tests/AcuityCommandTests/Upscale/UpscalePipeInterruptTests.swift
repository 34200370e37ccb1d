import Acuity
import Foundation
import TestSupport
import Testing

@Suite("acuity upscale, interrupted while it reads from a pipe")
struct UpscalePipeInterruptTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
    try FileManager.default.createDirectory(
      atPath: fixture.folder("temporary"), withIntermediateDirectories: true)
  }

  /// Starts `acuity upscale - -o -`, with its temporary files in a folder of its own.
  private func start(_ model: String, _ streams: String) throws -> Run {
    let command = "exec '\(Acuity.path)' upscale - -o - --threads 2 --model '\(model)' \(streams)"
    return try Run(
      path: "/bin/sh", ["-c", command], environment: ["TMPDIR": fixture.folder("temporary")])
  }

  private var leftBehind: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: fixture.folder("temporary")) }
  }

  @Test("While it waits for its input, one interrupt ends it and nothing is left behind")
  func waiting() throws {
    let pipe = fixture.folder("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let ours = open(pipe, O_RDWR | O_NONBLOCK)
    defer { close(ours) }
    let run = try start(fixture.model, "< '\(pipe)'")
    #if canImport(Darwin)
      // FIONREAD, which Swift does not import there: _IOR('f', 127, int).
      let bytesToRead = 0x4004_667f as UInt
    #else
      let bytesToRead = UInt(FIONREAD)
    #endif
    // When it has taken this, it is waiting for more.
    #expect(Foundation.write(ours, "x", 1) == 1)
    #expect(
      run.waits {
        var count: Int32 = 1
        return ioctl(ours, bytesToRead, &count) == 0 && count == 0
      })
    run.signal(SIGINT)
    let result = run.wait()
    #expect(result.code == 130 && result.errors.contains("interrupted"), "\(result.errors)")
    #expect(try leftBehind.isEmpty)
  }

  @Test("While it computes, the second interrupt ends it on the spot and nothing is left behind")
  func computing() throws {
    try fixture.folder.write(Model.slow.serialized(), to: "slow.safetensors")
    try fixture.put(try UpscaleFixture.picture(width: 1000, height: 800), "a.png")
    let run = try start(fixture.folder("slow.safetensors"), "< '\(fixture.inputs)/a.png'")
    #expect(try run.waits { try leftBehind.contains { $0.hasPrefix("acuity-") } })
    // Two of one kind may count as one.
    run.signal(SIGINT)
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 130)
    #expect(result.output.isEmpty)
    #expect(try leftBehind.isEmpty)
  }
}
