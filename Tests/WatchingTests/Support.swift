import Batch
import Folders
import Foundation
import Ledger
import Logging
import Synchronization
import TestSupport
import Watching

func path(_ text: String) throws -> RelativePath {
  guard let path = RelativePath(text) else { throw FileError(.open, text, code: 22) }
  return path
}

/// A BMP of `side` x `side` pixels of one gray.
func bitmap(_ gray: UInt8, side: Int = 20) -> [UInt8] {
  func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  let pixels = [UInt8](repeating: gray, count: 3 * side * side)
  return bytes("BM") + number(54 + pixels.count, 4) + number(0, 4) + number(54, 4) + number(40, 4)
    + number(side, 4)
    + number(side, 4) + number(1, 2) + number(24, 2) + number(0, 24) + pixels
}

/// Whether the system tells of writers here.
func tellsOfWriters() -> Bool {
  guard let home = try? TemporaryFolder() else { return false }
  return withExtendedLifetime(home) {
    (try? home.write([1], to: "a")) != nil && home.folder.isBeingWritten(bytes("a")) != nil
  }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A processor whose pictures are texts: complete when they end in "." and faulty when they hold "poison". The output
/// is the text in upper case. Ledger and output are real, in the order that the ledger asks for.
final class TextProcessor: InputProcessor {
  let model = SHA256.digest("model")
  let options = SHA256.digest("options")
  let ledger: Ledger
  let output: Folder
  private let counts = Mutex<[RelativePath: Int]>([:])
  /// Consulted in the middle of the work; returns an outcome to end it with.
  let hook: Hook

  typealias Hook = @Sendable (RelativePath, WorkCourse) async -> Outcome?

  init(
    _ folders: WatchFolders,
    hook: @escaping Hook = { _, _ in nil }
  ) {
    ledger = folders.ledger
    output = folders.output
    self.hook = hook
  }

  /// How often each file was begun.
  var begun: [RelativePath: Int] { counts.withLock { $0 } }

  /// Whether the output is there to the byte.
  private func isThere(_ entry: LedgerEntry) -> Bool {
    guard let path = entry.output.flatMap({ RelativePath($0) }), let digest = entry.outputDigest,
      let found = try? output.folder(path.folder).read(path.name, limit: 1 << 20)
    else { return false }
    return SHA256.digest(found.bytes) == digest
  }

  func process(
    _ path: RelativePath, below root: Folder, unchangedFor quiet: Duration, course: WorkCourse
  ) async -> Outcome {
    do {
      let content = try root.folder(path.folder).read(path.name, limit: 1 << 20)
      let fingerprint = Fingerprint(
        content: SHA256.digest(content.bytes), model: model, options: options)
      if let entry = try ledger.entry(for: path.bytes), entry.fingerprint == fingerprint {
        if entry.state == .done, isThere(entry) {
          try ledger.restamp(path.bytes, .init(content.status))
          return .done
        }
        if entry.state == .quarantined {
          guard let end = entry.heldUntil else { return .givenUp(entry.reason ?? "") }
          let rest = Duration.nanoseconds(end - Ledger.now())
          if rest > .zero { return .held(entry.reason ?? "", for: rest) }
        }
      }
      counts.withLock { $0[path, default: 0] += 1 }
      let stamp = LedgerEntry.Stamp(content.status)
      try ledger.begin(path.bytes, stamp: stamp, fingerprint: fingerprint)
      course.progress(0.5)
      if let outcome = await hook(path, course) {
        try ledger.release(path.bytes)
        return outcome
      }
      let text = String(decoding: content.bytes, as: UTF8.self)
      if text.contains("poison") {
        try ledger.fail(path.bytes, reason: "it is poison")
        return .failed("it is poison")
      }
      guard text.hasSuffix(".") else {
        try ledger.release(path.bytes)
        return .incomplete("no full stop")
      }
      let result = bytes(text.uppercased())
      try ledger.publish(path.bytes, output: path.bytes, digest: SHA256.digest(result))
      try output.folder(path.folder, create: true).write(result, to: path.name, replacing: true)
      try ledger.finish(path.bytes)
      return .done
    } catch let error as ReadError {
      if case .failed(let error) = error, error.code == 2 { return .changed }
      if case .changedMeanwhile = error { return .changed }
      return .failed("\(error)")
    } catch let error as FileError where error.isDiskFull {
      try? ledger.release(path.bytes)
      return .diskFull("\(error)")
    } catch LedgerError.diskFull(let path) {
      return .diskFull("no space for \(path)")
    } catch {
      return .failed("\(error)")
    }
  }
}

/// A watcher on new folders, with everything fast; `Harness.run` has one at work.
final class Harness: Sendable {
  let home: TemporaryFolder
  let settings: WatchSettings

  init(home: TemporaryFolder? = nil, _ change: (inout WatchSettings, String) -> Void = { _, _ in }) throws {
    self.home = try home ?? TemporaryFolder()
    var settings = WatchSettings(input: bytes(self.home.path + "/in"), output: bytes(self.home.path + "/out"))
    settings.settle = .milliseconds(40)
    settings.backoff = [.milliseconds(20), .milliseconds(40)]
    settings.pollInterval = .milliseconds(50)
    change(&settings, self.home.path)
    self.settings = settings
    _ = try Folder(settings.input, create: true)
  }

  var input: String { String(decoding: settings.input, as: UTF8.self) }
  var output: String { String(decoding: settings.output, as: UTF8.self) }

  /// Has a watcher at work while `body` runs, and stops it in good order.
  func run(
    hook: @escaping TextProcessor.Hook = { _, _ in nil },
    manager: ServiceManager? = nil, makeEvents: @escaping MakeEvents = systemEvents,
    space: (@Sendable () -> [DiskSpace?])? = nil,
    _ body: (TextProcessor, Watcher) async throws -> Void
  ) async throws {
    let folders = try WatchFolders(settings)
    try await run(
      folders, TextProcessor(folders, hook: hook), manager: manager, makeEvents: makeEvents, space: space,
      body)
  }

  /// The same with another processor.
  func run<Processor: InputProcessor>(
    _ folders: WatchFolders, _ processor: Processor,
    manager: ServiceManager? = nil, makeEvents: @escaping MakeEvents = systemEvents,
    space: (@Sendable () -> [DiskSpace?])? = nil,
    _ body: (Processor, Watcher) async throws -> Void
  ) async throws {
    let watcher = try Watcher(
      settings, folders: folders, processor: processor, logger: quiet, manager: manager,
      makeEvents: makeEvents, space: space)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await watcher.run() }
      do {
        try await body(processor, watcher)
      } catch {
        watcher.requestStop()
        throw error
      }
      watcher.requestStop()
      try await group.waitForAll()
    }
  }

  func write(_ text: String, _ name: String) throws {
    let path = input + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  func result(_ name: String) -> String? { text(output + "/" + name) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: home.path + "/" + name) }

  func status() throws -> WatchStatus {
    let data = try Data(contentsOf: URL(fileURLWithPath: output + "/.acuity/status.json"))
    return try jsonDecoder.decode(WatchStatus.self, from: data)
  }
}

/// A place on another disk than that of temporary folders.
let otherDisk: String? = ["/dev/shm", "/tmp", "/var/tmp"].first {
  guard let other = try? TemporaryFolder(in: $0), let usual = try? TemporaryFolder() else { return false }
  return other.folder.identity.device != usual.folder.identity.device
}

func text(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

let jsonDecoder = {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return decoder
}()
