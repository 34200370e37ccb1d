import Acuity
import Batch
import Folders
import Foundation
import TestSupport
import Testing

/// What becomes of damaged inputs, and of damaged files in the outputs' place.
@Suite struct DamageTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  private func job(tolerant: Bool = false) throws -> Job {
    var job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    job.reading.acceptsDamage = tolerant
    return job
  }

  private func process(_ path: String, _ job: Job) async throws -> FileOutcome {
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    return await processor.process(try job.plan(BatchInput(relative(path), below: inputs.folder)))
  }

  @Test(arguments: [ImageFormat.jpeg, .png]) func whatIsTakenThoughDamagedIsSaid(_ format: ImageFormat)
    async throws
  {
    let whole = try picture(width: 64, height: 64, as: format)
    try inputs.put(whole, "whole")
    try inputs.put(Array(whole.dropLast(whole.count / 3)), "cut")
    // Who does not accept it is told how to.
    let failure = try await failureOfCut()
    #expect(failure.reason.contains("or take what decodes of it"), "\(failure)")
    let tolerant = try job(tolerant: true)
    let good = try await process("whole", tolerant)
    #expect(good.result == .done && good.damage == nil)
    let cut = try await process("cut", tolerant)
    #expect(cut.result == .done && cut.outputs.count == 1)
    #expect(cut.damage?.contains("incomplete") == true, "\(cut.damage ?? "nothing")")
  }

  private func failureOfCut() async throws -> Failure {
    let strict = try job()
    do {
      return try #require(try await process("cut", strict).failure)
    } catch let failure as Failure {
      return failure
    }
  }

  @Test func nobodyIsToldOfAToleranceThatDoesNotHelp() throws {
    let webp = try picture(as: .webp)
    let png = try picture()
    for (name, bytes) in [("a", Array(webp.dropLast(9))), ("b", Array(png.prefix(20)))] {
      try inputs.put(bytes, name)
      let strict = try job()
      let failure = #expect(throws: Failure.self) {
        try strict.plan(BatchInput(relative(name), below: inputs.folder))
      }
      #expect(failure?.reason.contains("or take what decodes of it") == false, "\(failure?.reason ?? "")")
    }
  }

  @Test func aCutJPEGInTheOutputsPlaceIsNoOutput() async throws {
    let bytes = try picture(width: 64, height: 64, as: .jpeg)
    try inputs.put(bytes, "a.jpg")
    for (content, isGood) in [
      (bytes, true), (bytes + [1, 2, 3], true), (Array(bytes.dropLast(2)), false),
      (Array(bytes.prefix(bytes.count / 2)), false),
    ] {
      try outputs.put(content, "a.jpg")
      let isTaken = try await process("a.jpg", job()).failure == nil
      #expect(isTaken == isGood, "\(content.count) of \(bytes.count)")
    }
  }

  @Test func aLinkThatLeadsNowhereIsSaidToBeOne() throws {
    let link = inputs.path + "/gone.png"
    #expect(symlink("nowhere.png", link) == 0)
    let found = try InputSelection(arguments: [bytes(link)]).find().found
    guard case .refused(_, let failure)? = found.first else {
      Issue.record("\(found)")
      return
    }
    #expect(failure.reason.contains("leads to no file"), "\(failure)")
  }
}
