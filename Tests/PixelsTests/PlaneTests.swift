import Pixels
import Testing

@Suite struct PlaneTests {
  @Test func samplesInsideAreReadAndWritten() {
    var plane = Plane(width: 3, height: 2, pixels: [0, 1, 2, 3, 4, 5])
    #expect(plane[0, 1] == 3 && plane[2, 0] == 2)
    plane[1, 1] = 7
    #expect(plane.pixels == [0, 1, 2, 3, 7, 5])
  }

  /// The array itself would have a sample for them: that of the row before or after.
  @Test func columnsOutsideAreNoneOfTheRowsBeside() async {
    await #expect(processExitsWith: .failure) { _ = Plane(width: 3, height: 3)[-1, 1] }
    await #expect(processExitsWith: .failure) { _ = Plane(width: 3, height: 3)[3, 1] }
  }
}
