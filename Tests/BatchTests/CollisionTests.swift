import Folders
import TestSupport
import Testing

@testable import Batch

/// Outputs that would be one file, on disks of all kinds.
@Suite struct CollisionTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  /// The collisions of the outputs of pictures of these names on a disk that folds names by `fold`.
  private func collisions(
    _ names: [String], in root: String? = nil, fold: @escaping (String) -> [UInt8]
  ) async throws -> String? {
    let root = root ?? outputs.path
    let job = Job(outputs: [try Job.Output("grayscale", root: root)])
    var plan = BatchPlan(entries: [])
    for name in names {
      // Each in a folder of its own, for the tests' disk may fold names too.
      let path = "\(bytes(name))/" + name
      try inputs.put(try picture(), path)
      let selection = InputSelection(arguments: [bytes(inputs.path + "/" + path)])
      plan.entries += try await BatchPlan(selection, job: job).entries
    }
    do throws(Failure) {
      try plan.refuseCollisions(at: [bytes(root)]) { a, b in
        fold(String(decoding: a, as: UTF8.self)) == fold(String(decoding: b, as: UTF8.self))
      }
      return nil
    } catch {
      #expect(error.culprit == .usage)
      return error.reason
    }
  }

  @Test(arguments: [
    ["a.png", "A.png"], ["λόγοσ.png", "λόγος.png"], ["µ.png", "μ.png"], ["ſ.png", "s.png"],
    ["ß.png", "SS.png"],
    ["ß.png", "ẞ.png"], ["\u{212a}.png", "k.png"], ["\u{e9}.png", "E\u{301}.png"],
    ["❤.png", "❤\u{fe0f}.png"],
  ])
  func namesThatSomeDiskTakesForOneAreRefusedThereAndNowhereElse(_ names: [String]) async throws {
    let reason = try await collisions(names) { _ in [] }
    #expect(reason?.contains("\(names[0]) and \(names[1]), which are one name") == true, "\(reason ?? "")")
    #expect(try await collisions(names, in: outputs.path + "/not there yet") { _ in [] } != nil)
    #expect(try await collisions(names) { Array($0.utf8) } == nil)
  }

  /// An output without an extension may bear the name of a folder that another one needs.
  @Test func whatWouldBeAFileAndAFolderIsRefused() async throws {
    try inputs.put(try picture(), "a.png")
    try inputs.put(try picture(), "a/b.png")
    var selection = InputSelection(arguments: [bytes(inputs.path)])
    selection.isRecursive = true
    func refusal(_ name: String) async throws -> String? {
      let output = try Job.Output("grayscale", root: outputs.path, name: NamePattern(name))
      do throws(Failure) {
        #expect(try await BatchPlan(selection, job: Job(outputs: [output])).entries.count == 2)
        return nil
      } catch {
        #expect(error.culprit == .usage)
        return error.reason
      }
    }
    #expect(try await refusal("{stem}")?.contains("which would be a file and a folder") == true)
    #expect(try await refusal("{stem}.{ext}") == nil)
  }

  /// The first and the last are, of three names that all look alike.
  @Test func everyTwoAreCompared() async throws {
    func upper(_ name: String) -> [UInt8] { name.unicodeScalars.flatMap { Array("\($0)".uppercased().utf8) } }
    let reason = try await collisions(["\u{e9}.png", "e\u{301}.png", "\u{c9}.png"], fold: upper)
    #expect(reason?.contains("\u{e9}.png and \u{c9}.png") == true, "\(reason ?? "")")
    #expect(try await collisions(["a.png", "b.png"], fold: upper) == nil)
  }
}
