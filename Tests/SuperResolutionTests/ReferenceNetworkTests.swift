import Pixels
import SuperResolution
import TestSupport
import Testing

@Suite("The reference network at points")
struct ReferenceNetworkTests {
  @Test(
    "Equals the whole picture's definition, in the middle and at every border",
    arguments: Model.Residual.allCases)
  func points(_ residual: Model.Residual) throws {
    let model = try NetworkTests.model(residual)
    let plane = Pictures.noise(width: 17, height: 9, seed: 4)
    let expected = NetworkTests.reference(model, plane)
    let reference = ReferenceNetwork(model)
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        // The same terms in another order.
        #expect(abs(reference.value(plane, x: x, y: y) - expected[y * plane.width + x]) < 1e-12)
      }
    }
  }
}
