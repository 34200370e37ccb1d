import Acuity
import Foundation
import TestSupport
import Testing
import Watching

/// Whatever links lie in the way of `acuity watch`, nothing outside its folders is read or written.
@Suite struct WatchLinkTests {
  let bench: WatchBench
  private let manager = FileManager.default
  private var outside: String { bench.home("outside") }

  init() throws {
    bench = try WatchBench()
    try manager.createDirectory(atPath: bench.home("outside/deep"), withIntermediateDirectories: true)
    try bench.home.write(smallPicture(1), to: "outside/secret.png")
    try bench.home.write(smallPicture(1), to: "outside/deep/secret.png")
  }

  /// Every name outside, with content and times: a file written anew with the same bytes would show.
  private func treeOutside() throws -> [String] {
    try manager.subpathsOfDirectory(atPath: outside).sorted().map { path in
      var status = stat()
      lstat(outside + "/" + path, &status)
      let content = manager.contents(atPath: outside + "/" + path) ?? Data()
      return "\(path) \(status.st_ino) \(status.st_mode) \(status.st_nlink) \(content.base64EncodedString())"
    }
  }

  private func link(_ path: String, to target: String) throws {
    let place = bench.home(path)
    try manager.createDirectory(
      atPath: String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)]),
      withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: place, withDestinationPath: target)
  }

  private func put(_ seed: Int, _ path: String) throws {
    let place = bench.home("in/" + path)
    try manager.createDirectory(
      atPath: String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)]),
      withIntermediateDirectories: true)
    try bench.home.write(smallPicture(seed), to: "in/" + path)
  }

  @Test func linksThatAreThereLeadNowhere() throws {
    // Inputs: a linked folder, a linked file, a chain of links, a link upward.
    try link("in/linked", to: outside)
    try link("in/link.png", to: outside + "/secret.png")
    try link("in/chain.png", to: "link.png")
    try link("in/up", to: "../outside")
    // Outputs: a linked folder, a relative one, a dangling one, a linked file, a dangling one.
    for (name, target) in [
      ("sub", outside), ("relative", "../outside/deep"), ("dangling", outside + "/new"),
      ("file.png", outside + "/secret.png"), ("fresh.png", outside + "/fresh.png"),
    ] {
      try link("out/" + name, to: target)
      try put(2, name.hasSuffix(".png") ? name : name + "/secret.png")
    }
    // Where failed inputs go, and a file outside that has another name here.
    try link("failed/bad", to: outside)
    try manager.createDirectory(atPath: bench.home("in/bad"), withIntermediateDirectories: true)
    try bench.home.write(
      Array("no picture at all, but long enough not to be a beginning".utf8), to: "in/bad/x.png")
    try manager.linkItem(atPath: outside + "/secret.png", toPath: bench.output + "/hard.png")
    try put(3, "hard.png")
    try put(4, "good.png")
    let before = try treeOutside()
    let run = try bench.start([
      "--attempts", "1", "--failed", bench.home("failed"), "--if-exists", "overwrite",
    ])
    #expect(eventually { bench.result("good.png") != nil && bench.result("hard.png") != nil })
    #expect(
      eventually { bench.status?.settling == 0 && bench.status?.queued == 0 && bench.status?.working == [] })
    #expect(eventually { bench.status?.quarantined ?? 0 >= 4 })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    let after = try treeOutside()
    // The other name of the file outside is an output now, so that it has one name less.
    #expect(after == before.map { $0.hasPrefix("secret.png ") ? $0.replacing(" 2 ", with: " 1 ") : $0 })
    #expect(!manager.fileExists(atPath: outside + "/fresh.png"))
  }

  @Test func aFolderThatIsSwappedForALinkLeadsNowhere() throws {
    let run = try bench.start(["--attempts", "1"])
    try put(1, "sub/first.png")
    #expect(eventually { bench.result("sub/first.png") != nil })
    let before = try treeOutside()
    // The outputs' folder, and a folder of inputs.
    try manager.moveItem(atPath: bench.output + "/sub", toPath: bench.home("moved"))
    try link("out/sub", to: outside)
    try put(2, "sub/second.png")
    try put(3, "other/third.png")
    #expect(eventually { bench.result("other/third.png") != nil && bench.status?.quarantined == 1 })
    try manager.moveItem(atPath: bench.input + "/other", toPath: bench.home("moved too"))
    try link("in/other", to: outside)
    try put(4, "good.png")
    #expect(eventually { bench.result("good.png") != nil })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    #expect(bench.result("other/secret.png") == nil)
    #expect(try treeOutside() == before)
  }

  @Test func theStateIsKeptInNoLinkedPlace() throws {
    let before = try treeOutside()
    try link("out/.acuity", to: outside)
    #expect(try bench.start().wait().code == 73)
    try manager.removeItem(atPath: bench.output + "/.acuity")
    try link("out/.acuity/ledger.sqlite", to: outside + "/ledger")
    #expect(try bench.start().wait().code == 73)
    try manager.removeItem(atPath: bench.output + "/.acuity/ledger.sqlite")
    // What is no link is not called one.
    try manager.createDirectory(
      atPath: bench.output + "/.acuity/ledger.sqlite", withIntermediateDirectories: false)
    #expect(try bench.start().wait().errors.contains("Is a directory"))
    try manager.removeItem(atPath: bench.output + "/.acuity/ledger.sqlite")
    // The lock is there by now, so that it is one that is replaced.
    try? manager.removeItem(atPath: bench.output + "/.acuity/lock")
    try link("out/.acuity/lock", to: outside + "/lock")
    #expect(try bench.start().wait().code == 73)
    try manager.removeItem(atPath: bench.output + "/.acuity/lock")
    // A status takes the link's place.
    try? manager.removeItem(atPath: bench.output + "/.acuity/status.json")
    try link("out/.acuity/status.json", to: outside + "/status.json")
    let run = try bench.start()
    #expect(
      eventually { bench.status?.process == run.processIdentifier && bench.status?.state == .watching })
    run.signal(SIGTERM)
    #expect(run.wait().code == 0)
    #expect(try bench.start(["--name", "../{name}"]).wait().code == 64)
    #expect(try treeOutside() == before)
  }
}
