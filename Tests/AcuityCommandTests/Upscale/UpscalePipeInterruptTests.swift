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
  private func start(_ model: String, _ streams: String, after first: String = "") throws -> Run {
    let command = "\(first) exec '\(Acuity.path)' upscale - -o - --threads 2 --model '\(model)' \(streams)"
    return try Run(
      path: "/bin/sh", ["-c", command], environment: ["TMPDIR": fixture.folder("temporary")])
  }

  private var leftBehind: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: fixture.folder("temporary")) }
  }

  /// Makes a pipe, and opens it.
  private func pipe() throws -> (path: String, descriptor: Int32) {
    let pipe = fixture.folder("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    return (pipe, open(pipe, O_RDWR | O_NONBLOCK))
  }

  /// Writes to the pipe and waits until the process has taken it: then it is waiting for more.
  private func give(_ bytes: [UInt8], to pipe: Int32, of run: Run) {
    #if canImport(Darwin)
      // FIONREAD, which Swift does not import there: _IOR('f', 127, int).
      let bytesToRead = 0x4004_667f as UInt
    #else
      let bytesToRead = UInt(FIONREAD)
    #endif
    #expect(Foundation.write(pipe, bytes, bytes.count) == bytes.count)
    #expect(
      run.waits {
        var count: Int32 = 1
        return ioctl(pipe, bytesToRead, &count) == 0 && count == 0
      })
  }

  @Test("While it waits for its input, one interrupt ends it and nothing is left behind")
  func waiting() throws {
    let (path, pipe) = try self.pipe()
    defer { close(pipe) }
    let run = try start(fixture.model, "< '\(path)'")
    give([0x78], to: pipe, of: run)
    run.signal(SIGINT)
    let result = run.wait()
    #expect(result.code == 130 && result.errors.contains("interrupted"), "\(result.errors)")
    #expect(try leftBehind.isEmpty)
  }

  @Test("What was started with nohup outlives its terminal")
  func hangup() throws {
    let (path, pipe) = try self.pipe()
    let run = try start(fixture.model, "< '\(path)'", after: "trap '' HUP;")
    let picture = try UpscaleFixture.picture()
    give(Array(picture.prefix(100)), to: pipe, of: run)
    run.signal(SIGHUP)
    give(Array(picture.dropFirst(100)), to: pipe, of: run)
    close(pipe)
    let result = run.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(try ImageFile.header(bytes: result.output).size == Size(width: 48, height: 32))
  }

  @Test("While it computes, the second interrupt ends it on the spot and nothing is left behind")
  func computing() throws {
    try fixture.folder.write(Model.slow.serialized(), to: "slow.safetensors")
    try fixture.put(try UpscaleFixture.picture(width: 1000, height: 800), "a.png")
    let run = try start(fixture.folder("slow.safetensors"), "< '\(fixture.inputs)/a.png'")
    #expect(try run.waits { try leftBehind.contains { $0.hasPrefix("acuity-") } })
    let place = fixture.folder("temporary/" + (try #require(try leftBehind.first)))
    let permissions = try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int
    #expect(permissions == 0o700, "the picture is nobody else's")
    // Two of one kind may count as one.
    run.signal(SIGINT)
    run.signal(SIGTERM)
    let result = run.wait()
    #expect(result.code == 130)
    #expect(result.output.isEmpty)
    #expect(try leftBehind.isEmpty)
  }
}
