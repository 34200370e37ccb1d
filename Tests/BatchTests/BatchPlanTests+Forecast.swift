import Acuity
import Batch
import Folders
import Foundation
import Stages
import TestSupport
import Testing

/// How long a batch will take, and in what memory.
extension BatchPlanTests {
  @Test func theTimeIsJudgedByAPictureThatStandsForTheMostOfTheWork() async throws {
    for number in 1...9 { try inputs.put(try picture(width: 1, height: 1), "icon\(number).png") }
    try inputs.put(try picture(width: 30, height: 20), "b.png")
    try inputs.put(try picture(width: 40, height: 30), "a.png")
    func example() async throws -> String? {
      BatchForecast.example(of: try await plan()).map { "\($0.input.path)" }
    }
    #expect(try await example() == "a.png")
    for number in 1...3 { try inputs.put(try picture(width: 20, height: 20), "c\(number).png") }
    #expect(try await example() == "b.png")
    #expect(BatchForecast.example(of: BatchPlan(entries: [])) == nil)
  }

  @Test func theTimeIsJudgedByAPictureThatTakesLittleMemoryIfThereIsOne() async throws {
    func example() async throws -> String? {
      let plan = try await plan { [outputs] _, job in
        job.outputs[0] = try Job.Output("resize:scale=6", root: outputs.path)
      }
      return BatchForecast.example(of: plan).map { "\($0.input.path)" }
    }
    let large = Image(
      width: 2000, height: 2000, layout: .gray, samples: .uint8([UInt8](repeating: 0, count: 4_000_000)))
    try inputs.put(
      ImageFile.encode(large, as: .png, options: EncodeOptions(pngLevel: 1)), "large.png")
    #expect(try await example() == "large.png")
    try inputs.put(try picture(), "small.png")
    #expect(try await example() == "small.png")
  }

  @Test func aNetworkHasAQuarterOfTheMemoryBetweenALeastAndAMost() async throws {
    try inputs.put(try picture(), "a.png")
    let file = try #require(try await plan().files.first)
    for (total, network) in [(1 << 20, 24), (400 << 20, 100), (4 << 30, 256)] {
      #expect(file.cost(within: total) - file.memory == network << 20)
    }
  }
}
