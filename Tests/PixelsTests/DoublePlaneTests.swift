import Pixels
import Testing

@Suite struct DoublePlaneTests {
  private let plane = DoublePlane(width: 5, height: 4, samples: (0..<20).map { Double($0) })

  @Test func insetLeavesTheMiddle() {
    #expect(plane.inset(by: 1) == DoublePlane(width: 3, height: 2, samples: [6, 7, 8, 11, 12, 13]))
    #expect(plane.inset(by: 0) == plane)
    #expect(plane.inset(by: 2).samples.isEmpty)
    #expect(plane.inset(by: 9).samples.isEmpty)
  }

  @Test func cropsToAMultipleOfTheScale() {
    let cropped = plane.cropped(toMultipleOf: 3)
    #expect(cropped == DoublePlane(width: 3, height: 3, samples: [0, 1, 2, 5, 6, 7, 10, 11, 12]))
  }

  @Test func roundsHalvesAwayFromZeroAndClips() {
    let values = DoublePlane(width: 6, height: 1, samples: [-3, 0.5, 1.5, 2.49, 254.5, 300])
    #expect(values.roundedTo8Bits().samples == [0, 1, 2, 2, 255, 255])
  }

  @Test func floatsAndBack() {
    #expect(plane.plane().pixels[19] == Float(19.0 / 255))
    #expect(DoublePlane(plane.plane(dividedBy: 1), times: 1) == plane)
  }
}
