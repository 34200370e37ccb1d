import Acuity
import Batch
import Folders
import Foundation
import Stages
import TestSupport
import Testing

/// Inputs that are named one by one.
extension BatchPlanTests {
  @Test func aListKeepsFoldersOfRelativePathsAndNamesOfAbsoluteOnes() async throws {
    try inputs.put(try picture(), "deep/er/a.png")
    let plan = try await plan { selection, _ in
      selection.arguments = []
      selection.listed = [bytes(inputs.path + "/deep/er/a.png"), bytes("./absent/b.png"), bytes("../c.png")]
    }
    #expect(targets(plan) == ["a.png"])
    #expect(plan.entries.map(\.input.path.description) == ["a.png", "absent/b.png", "c.png"])
  }

  @Test func detoursInAListSayNothing() async throws {
    let plan = try await plan { selection, _ in
      selection.arguments = []
      selection.listed = ["a/../b.png", "a/b/../c.png", "./a/./d.png", "a/../../e.png"].map(bytes)
    }
    #expect(plan.entries.map(\.input.path.description) == ["b.png", "a/c.png", "a/d.png", "e.png"])
  }

  /// As `find` lists it: the folders among what is in them.
  @Test(arguments: [false, true])
  func aTreeThatIsListedIsMirroredAndDoneOnce(_ isRecursive: Bool) async throws {
    for path in ["a.png", "one/x.png", "two/x.png", "two/er/y.png"] {
      try inputs.put(try picture(), "tree/" + path)
    }
    let tree = inputs.path + "/tree"
    let plan = try await plan { selection, _ in
      selection.arguments = []
      selection.isRecursive = isRecursive
      selection.listed = [
        "", "/a.png", "/one", "/one/x.png", "/two", "/two/x.png", "/two//er", "/two/er/y.png",
      ].map { bytes(tree + $0) }
    }
    #expect(targets(plan).sorted() == ["a.png", "one/x.png", "two/er/y.png", "two/x.png"])
    #expect(plan.notes.isEmpty, "no folder is left out: \(plan.notes)")
  }

  /// The first to ask is told that it is: one file is left out, among those that come first.
  @Test func namedInputsAreProtectedAlsoWhenFilesAreLeftOut() async throws {
    for number in 100..<228 { try inputs.put(bytes("text"), "a\(number)") }
    try inputs.put(try picture(), "x.png")
    try outputs.put(try picture(seed: 2), "x_2x.png")
    var job = Job(outputs: [
      try Job.Output("resize:scale=2", root: outputs.path, name: NamePattern("{stem}_{scale}x.{ext}"))
    ])
    job.ifExists = .overwrite
    let selection = InputSelection(arguments: [bytes(inputs.path), bytes(outputs.path + "/x_2x.png")])
    let calls = Counter()
    let failure = await #expect(throws: Batch.Failure.self) {
      try await BatchPlan(selection, job: job, isCancelled: { calls.next() == 1 })
    }
    #expect(failure?.culprit == .usage)
    #expect(try outputs.tree().count == 1)
  }
}
