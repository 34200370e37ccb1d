import Foundation
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("The network that is made while arguments are parsed")
struct EarlyNetworkTests {
  @Test(
    "It is begun for runs that will take it, and for no others",
    arguments: [
      (["upscale", "a.png", "-o", "b.png"], true),
      (["upscale", "a.png", "-o", "b.png", "--scale", "3"], true),
      (["upscale", "a.png", "-o", "b.png", "--model", "fast"], false),
      (["upscale", "a.png", "-o", "b.png", "--model=fast"], false),
      (["upscale", "a.png", "-o", "b.png", "--isa", "baseline"], false),
      (["upscale", "a.png", "-o", "b.png", "--algorithm", "direct"], false),
      (["upscale", "a.png", "-o", "b.png", "--stages", "grayscale"], false),
      (["upscale", "a", "-o", "b", "--dry-run"], false), (["upscale", "a", "-o", "b", "-qn"], false),
      (["upscale", "a", "-o", "b", "--events-fd=3"], false), (["upscale", "--help"], false),
      (["info", "a.png"], false), ([], false),
    ])
  func likely(_ arguments: [String], _ isLikely: Bool) {
    #expect(EarlyNetwork.isLikely(for: arguments) == isLikely)
  }

  @Test("The picture is the same with it and without")
  func same() throws {
    let fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(width: 24, height: 20), "a.png")
    let (early, late) = (fixture.folder("early.png"), fixture.folder("late.png"))
    for (output, options) in [(early, [String]()), (late, ["--model", "vdsr", "--algorithm", "winograd6"])] {
      let run = try Acuity.run(["upscale", fixture.inputs + "/a.png", "-o", output] + options)
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(
      try Data(contentsOf: URL(filePath: early)) == Data(contentsOf: URL(filePath: late)))
  }
}
