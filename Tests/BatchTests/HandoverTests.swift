import Acuity
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Batch

/// A picture's samples, looked at without being held.
private final class Samples: Sendable {
  private struct Reference {
    weak var storage: AnyObject?
    var isSet = false
  }

  private let reference = Mutex(Reference())

  func watch(_ image: borrowing Image) {
    guard case .uint8(let values) = image.samples else { preconditionFailure("of 8 bits") }
    // What an array is: a reference to its storage.
    reference.withLock { $0 = Reference(storage: unsafeBitCast(values, to: AnyObject.self), isSet: true) }
  }

  /// False as long as there is nothing to look at.
  var areGone: Bool { reference.withLock { $0.isSet && $0.storage == nil } }
}

/// Pictures' memory is given back while their files are still waited for.
@Suite struct HandoverTests {
  /// What is still there of a picture when its output is encoded, and of the output when that is done.
  private struct WatchingCoder: PictureCoder {
    let input = Samples()
    let found: @Sendable (_ isInputGone: Bool, _ isOutputGone: Bool) -> Void

    func decode(
      _ bytes: [UInt8], limits: Limits, options: ReadOptions
    ) async throws(CodingError) -> Image {
      let image = try await InProcessCoder().decode(bytes, limits: limits, options: options)
      input.watch(image)
      return image
    }

    func encode(
      _ image: consuming Image, as format: ImageFormat, options: EncodeOptions
    ) async throws(CodingError) -> [UInt8] {
      let isInputGone = input.areGone
      let output = Samples()
      output.watch(image)
      #expect(!output.areGone)
      let bytes = try await InProcessCoder().encode(image, as: format, options: options)
      found(isInputGone, output.areGone)
      return bytes
    }
  }

  @Test(arguments: [1, 2]) func aFileHoldsNoPictureLongerThanItIsNeeded(outputCount: Int) async throws {
    let (inputs, outputs) = (try TemporaryFolder(), try TemporaryFolder())
    try inputs.put(try picture(), "x.png")
    let job = Job(
      outputs: try (0..<outputCount).map { try Job.Output("resize:scale=\(2 + $0)", root: outputs("\($0)")) })
    let found = Mutex<[[Bool]]>([])
    let coder = WatchingCoder { isInputGone, isOutputGone in
      found.withLock { $0.append([isInputGone, isOutputGone]) }
    }
    let processor = try FileProcessor(job, coder: coder, resources: Resources(threads: 1))
    let outcome = await processor.process(
      try job.plan(BatchInput(relative("x.png"), below: inputs.folder)))
    #expect(outcome.result == .done)
    // All but the last output need the input once more.
    let expected = (1...outputCount).map { [$0 == outputCount, true] }
    #expect(found.withLock { $0 } == expected)
  }

  private static func watched(by samples: Samples) -> Image {
    var image = Pictures.noise(width: 300, height: 200, layout: .rgb, seed: 5)
    image.metadata.xmp = bytes("acuity-fault:hang")
    samples.watch(image)
    return image
  }

  /// By a process that has read the picture and never answers.
  @Test func aPictureIsNotKeptBesideItsProcess() async throws {
    let isOver = Atomic(false)
    let samples = Samples()
    let coder = WorkerCoderTests.coder(seconds: 600)
    let waiting = Task {
      _ = try await coder.stopping { isOver.load(ordering: .relaxed) }
        .encode(Self.watched(by: samples), as: .png, options: EncodeOptions())
    }
    #expect(await eventually { samples.areGone })
    isOver.store(true, ordering: .relaxed)
    await #expect(throws: CodingError.cancelled) { try await waiting.value }
  }
}
