import Acuity
import Foundation
import TestSupport
import Testing

@testable import Batch

/// A JPEG that makes a worker misbehave.
func faulty(_ kind: String, seed: UInt64 = 1) throws -> [UInt8] {
  WorkerFault.jpeg(try picture(seed: seed, as: .jpeg), kind)
}

@Suite struct WorkerCoderTests {
  // Patient, for the machine may be busy.
  let coder = Self.coder(seconds: 60)

  /// Whose processes misbehave over files that say so.
  static func coder(seconds: Int) -> WorkerCoder {
    WorkerCoder(
      .init(
        executable: BuiltProducts.folder.appendingPathComponent("acuity").path, seconds: seconds,
        environment: WorkerFault.variables))
  }

  private func decode(_ bytes: [UInt8]) async throws(CodingError) -> Image {
    try await coder.decode(bytes, limits: Limits(), options: ReadOptions())
  }

  @Test(arguments: [Image.Layout.gray, .grayAlpha, .rgb, .rgba], [8, 16])
  func picturesComeThroughUnchanged(layout: Image.Layout, depth: Int) async throws {
    var image = Pictures.noise(width: 37, height: 23, layout: layout, depth: depth, seed: 5)
    image.metadata.xmp = bytes("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    image.metadata.resolution = .init(x: 3000, y: 4000, unit: .meter)
    image.metadata.pngColor = [0, 0, 0, 4] + bytes("gAMA") + [0, 1, 0x86, 0xa0]
    let file = try await coder.encode(image, as: .png, options: EncodeOptions(pngLevel: 1))
    #expect(try ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: 1)) == file)
    #expect(try await decode(file) == ImageFile.read(bytes: file))
  }

  /// Pictures of many pieces, of which a process sees the rows one after the other: with a search for repetitions, without, and
  /// in a format that needs them all.
  @Test(arguments: [ImageFormat.png, .jpeg]) func largePicturesComeThroughUnchanged(format: ImageFormat)
    async throws
  {
    let noise = Pictures.noise(width: 800, height: 700, layout: .rgb, seed: 5)
    guard case .uint8(let values) = noise.samples else {
      Issue.record("not of 8 bits")
      return
    }
    let row = 3 * noise.width
    for value: (Int) -> UInt8 in [{ UInt8($0 / row % 200) + values[$0] % 4 }, { values[$0 % row % 90] }] {
      let image = Image(
        width: noise.width, height: noise.height, layout: .rgb, samples: .uint8(values.indices.map(value)))
      var options = EncodeOptions()
      options.threads = 2
      let isSame =
        try await coder.encode(image, as: format, options: options)
        == ImageFile.encode(image, as: format, options: options)
      #expect(isSame)
    }
  }

  /// A refusal that does not depend on the samples is heard by whom still sends them, and the process serves on.
  @Test func aRefusalComesThroughBeforeTheSamplesAreRead() async throws {
    let image = Pictures.noise(width: 1500, height: 1000, layout: .rgb, seed: 5)
    let program = try await CountedProgram()
    let coder = WorkerCoder(.init(executable: program.path))
    for _ in 0..<3 {
      do throws(CodingError) {
        _ = try await coder.encode(image, as: .png, options: EncodeOptions(pngLevel: 10))
        Issue.record("encoded")
      } catch {
        guard case .picture(.invalidOption) = error else { throw error }
      }
    }
    let file = try picture()
    #expect(
      try await coder.decode(file, limits: Limits(), options: ReadOptions()) == ImageFile.read(bytes: file))
    #expect(try program.starts() == 1)
  }

  @Test func everythingBesideThePixelsComesThrough() async throws {
    var image = Pictures.noise(width: 37, height: 23, layout: .rgb, seed: 5)
    image.metadata.xmp = bytes("<x xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>")
    image.metadata.extendedXMP = [UInt8](repeating: 0x20, count: 3 << 20)
    image.metadata.iptc = [0x1c, 2, 120, 0, 1, 0x41]
    image.metadata.resolution = .init(x: 3000, y: 4000, unit: .inch)
    let file = try await coder.encode(image, as: .jpeg, options: EncodeOptions())
    #expect(try await decode(file).metadata == image.metadata)
  }

  @Test(arguments: [(1, 7), (10_000_000, 7), (10_000_001, 14), (95_000_000, 70)])
  func largerPicturesGetMoreTime(_ pixels: Int, _ seconds: Int) {
    let allowance = WorkerCoder(.init(seconds: 7)).allowance(memory: 1000, pixels: pixels)
    #expect(allowance.seconds == seconds)
    #expect(allowance.memory == 1000 + (256 << 20))
  }

  @Test func errorsComeThroughUnchanged() async throws {
    for damaged in [[], bytes("GIF89a"), Array(try picture(width: 60, height: 60).dropLast(4000))] {
      var expected: ImageFileError.Cause?
      do throws(ImageFileError) { _ = try ImageFile.read(bytes: damaged) } catch { expected = error.cause }
      await #expect(throws: CodingError.picture(try #require(expected))) { try await decode(damaged) }
    }
    let image = Pictures.noise(width: 3, height: 3, layout: .rgba, seed: 1)
    do throws(CodingError) {
      _ = try await coder.encode(image, as: .jpeg, options: EncodeOptions())
      Issue.record("encoded")
    } catch {
      guard case .picture(.cannotHold) = error else { throw error }
    }
  }

  @Test(arguments: [
    ("crash", "crashed (SIGSEGV)", 60), ("allocate", "ran out of memory", 60),
    ("spin", "the codec process", 5), ("hang", "did nothing for 5 s", 5), ("garbage", "nonsense", 60),
    ("lie", "nonsense", 60), ("boast-of-pixels", "nonsense", 60), ("exit", "ended with code 0", 60),
  ])
  func whateverACodecDoesItCostsOneFile(kind: String, reason: String, seconds: Int) async throws {
    let coder = Self.coder(seconds: seconds)
    let bad = try faulty(kind)
    do throws(CodingError) {
      _ = try await coder.decode(bad, limits: Limits(), options: ReadOptions())
      Issue.record("decoded")
    } catch {
      guard case .codecLost(let text) = error else { throw error }
      // The sanitizer takes signals and allocations over.
      #expect(text.contains(reason) || isAddressSanitized, "\(text)")
    }
    let good = try picture()
    let image = try await coder.decode(good, limits: Limits(), options: ReadOptions())
    #expect(try image == ImageFile.read(bytes: good))
  }

  #if os(Linux)
    @Test func aCodecInForeignHandsIsHeld() async throws {
      let bad = try faulty("escape")
      await #expect(throws: CodingError.picture(.invalidOption("held"))) { try await decode(bad) }
    }
  #endif

  @Test(arguments: [("crash", "the codec process"), ("boast-of-bytes", "nonsense")])
  func whateverAnEncoderDoesItCostsOneFile(kind: String, reason: String) async throws {
    var image = Pictures.noise(width: 9, height: 9, layout: .rgb, seed: 1)
    image.metadata.xmp = bytes("acuity-fault:\(kind)")
    do throws(CodingError) {
      _ = try await coder.encode(image, as: .png, options: EncodeOptions())
      Issue.record("encoded")
    } catch {
      guard case .codecLost(let text) = error else { throw error }
      #expect(text.contains(reason), "\(text)")
    }
  }

  @Test func manyTasksShareTheWorkers() async throws {
    let files = try (0..<40).map { try picture(seed: UInt64($0)) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for (index, file) in files.enumerated() {
        group.addTask {
          if index % 10 == 9 {
            _ = try? await decode(try faulty("crash"))
            return true
          }
          return try await decode(file) == ImageFile.read(bytes: file)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func aProcessThatWasPreparedServesTheFirstFile() async throws {
    let program = try await CountedProgram()
    let coder = WorkerCoder(.init(executable: program.path))
    coder.prepare()
    #expect(try await eventually { try program.starts() == 1 }, "nobody has asked for it yet")
    for seed in 1...2 {
      let good = try picture(seed: UInt64(seed))
      let image = try await coder.decode(good, limits: Limits(), options: ReadOptions())
      #expect(try image == ImageFile.read(bytes: good))
    }
    #expect(try program.starts() == 1, "it served both")
  }

  #if os(Linux)
    /// A program that is being written is as little to be had as a process when there are no more.
    @Test func aShortageThatPassesIsWaitedFor() async throws {
      let folder = try TemporaryFolder()
      let acuity = BuiltProducts.folder.appendingPathComponent("acuity").path
      try folder.put(bytes("#!/bin/sh\nexec '\(acuity)' \"$@\"\n"), "acuity")
      let path = folder.path + "/acuity"
      chmod(path, 0o700)
      let writer = open(path, O_WRONLY | O_CLOEXEC)
      // Whether to stop is asked when a start has failed, and afterwards while the worker is at work.
      let asked = Counter()
      let patient = WorkerCoder(.init(executable: path)).stopping {
        if asked.next() == 1 { close(writer) }
        return false
      }
      let good = try picture()
      let image = try await patient.decode(good, limits: Limits(), options: ReadOptions())
      #expect(try image == ImageFile.read(bytes: good))
      #expect(asked.next() > 1, "nothing was waited for")
    }
  #endif

  @Test func aProgramThatIsNoWorkerIsAnErrorOfTheSystem() async throws {
    let none = WorkerCoder(.init(executable: "/nowhere/acuity"))
    let good = try picture()
    do throws(CodingError) {
      _ = try await none.decode(good, limits: Limits(), options: ReadOptions())
      Issue.record("decoded")
    } catch {
      guard case .noProcess(let text) = error else { throw error }
      #expect(text.contains("/nowhere/acuity"))
    }
  }
}
