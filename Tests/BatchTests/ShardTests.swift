import Batch
import Folders
import Testing

@Suite struct ShardTests {
  @Test(arguments: [1, 2, 3, 7])
  func everyFileIsInExactlyOnePart(count: Int) throws {
    let parts = try (1...count).map { try Shard("\($0)/\(count)", environment: [:]) }
    var sizes = [Int](repeating: 0, count: count)
    for index in 0..<1000 {
      let path = relative("folder/\(index).png")
      let owners = parts.indices.filter { parts[$0].contains(path) }
      #expect(owners.count == 1)
      sizes[owners[0]] += 1
    }
    for size in sizes { #expect(size > 1000 / count * 2 / 3) }
  }

  @Test func whatMayBecomeTheSameOutputIsInTheSamePart() throws {
    let part = try Shard("1/5", environment: [:])
    for index in 0..<100 {
      #expect(part.contains(relative("a/\(index).png")) == part.contains(relative("a/\(index).jpg")))
    }
  }

  @Test(arguments: [
    (["JOB_COMPLETION_INDEX": "3"], "auto/8", 4), (["AWS_BATCH_JOB_ARRAY_INDEX": "0"], "auto/8", 1),
    (["AWS_BATCH_JOB_ARRAY_INDEX": "7", "AWS_BATCH_JOB_ARRAY_SIZE": "8"], "auto", 8),
    (["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "8"], "auto", 5),
    (
      [
        "SLURM_ARRAY_TASK_ID": "10", "SLURM_ARRAY_TASK_MIN": "4", "SLURM_ARRAY_TASK_STEP": "2",
        "SLURM_ARRAY_TASK_COUNT": "8",
      ], "auto", 4
    ),
  ])
  func arrayJobsSayWhichPartTheyAre(environment: [String: String], text: String, number: Int) throws {
    #expect(try Shard(text, environment: environment) == Shard(number, of: 8))
  }

  @Test(arguments: [
    "0/2", "3/2", "-1/2", "1/0", "1", "", "1/2/3", "a/b", "auto", "auto/x", "1/99999999999999999999",
  ])
  func whatIsNoPartIsRefused(text: String) {
    #expect(throws: Shard.Malformed.self) { try Shard(text, environment: [:]) }
  }

  @Test(arguments: [
    ["JOB_COMPLETION_INDEX": "2"], ["JOB_COMPLETION_INDEX": "\(Int.max)"],
    ["JOB_COMPLETION_INDEX": "\(Int.min)"], ["AWS_BATCH_JOB_ARRAY_INDEX": "\(Int.max)"],
    ["SLURM_ARRAY_TASK_ID": "\(Int.max)", "SLURM_ARRAY_TASK_MIN": "-1"],
    ["SLURM_ARRAY_TASK_ID": "\(Int.min)", "SLURM_ARRAY_TASK_MIN": "1"],
  ])
  func anIndexBeyondTheCountIsRefused(environment: [String: String]) {
    #expect(throws: Shard.Malformed.self) { try Shard("auto/2", environment: environment) }
  }

  @Test(arguments: [
    // Member 5 of 8 alone, once more; members 1, 3 and 7 of 8.
    ("auto/8", ["ID": "5", "MIN": "5", "MAX": "5", "STEP": "1", "COUNT": "1"]),
    ("auto", ["ID": "3", "MIN": "1", "MAX": "7", "STEP": "1", "COUNT": "3"]),
    ("auto/3", ["ID": "3", "MIN": "1", "MAX": "7", "STEP": "1", "COUNT": "3"]),
    ("auto/8", ["ID": "3", "MIN": "0", "MAX": "\(Int.max)", "STEP": "1", "COUNT": "\(Int.min)"]),
    // Where the first one is 0 or 1, nobody says.
    ("auto/8", ["ID": "3"]), ("auto", ["ID": "3", "MAX": "8", "STEP": "1", "COUNT": "8"]),
  ])
  func anArrayJobWhosePartsNobodyWouldDoIsRefused(text: String, environment: [String: String]) {
    let variables = Dictionary(uniqueKeysWithValues: environment.map { ("SLURM_ARRAY_TASK_" + $0, $1) })
    #expect(throws: Shard.Malformed.self) { try Shard(text, environment: variables) }
  }

  @Test func anotherNumberOfMembersThanOfPartsIsRefused() {
    for (index, size) in [
      ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"), ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
    ] {
      #expect(throws: Shard.Malformed.self) { try Shard("auto/8", environment: [index: "0", size: "4"]) }
    }
  }
}
