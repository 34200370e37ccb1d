import Pixels
import Stages
import TestSupport
import Testing

@Suite struct FlattenTests {
  @Test(
    arguments: Form.all, [("white", [255, 255, 255]), ("black", [0, 0, 0]), ("#1eFa03", [30, 250, 3])])
  func `the picture lies on the color by its alpha`(form: Form, color: (text: String, levels: [Double]))
    async throws
  {
    let image = Pictures.noise(width: 21, height: 50, layout: form.layout, depth: form.depth, seed: 1)
    let output = try await run("flatten:color=\(color.text)", image)
    #expect(output.layout == (form.layout.isGray ? .gray : .rgb))
    let peak: Double = form.depth == 8 ? 255 : 65535
    let luma = 0.299 * color.levels[0] + 0.587 * color.levels[1] + 0.114 * color.levels[2]
    let below = (form.layout.isGray ? [luma] : color.levels).map { $0 / 255 * peak }
    for y in 0..<50 {
      for x in 0..<21 {
        let alpha = form.layout.hasAlpha ? image.value(x, y, image.colors) / peak : 1
        for channel in 0..<image.colors {
          let wanted = alpha * image.value(x, y, channel) + (1 - alpha) * below[channel]
          #expect(abs(output.value(x, y, channel) - wanted) <= 0.51)
        }
      }
    }
  }

  @Test(arguments: Form.all) func `what is opaque keeps its samples`(form: Form) async throws {
    let noise = Pictures.noise(width: 9, height: 9, layout: form.layout, depth: form.depth, seed: 2)
    let peak: Double = form.depth == 8 ? 255 : 65535
    let opaque = noise.filled { x, y, channel in
      channel == noise.colors ? peak : noise.value(x, y, channel)
    }
    let output = try await run("flatten", opaque)
    #expect(output == output.filled { x, y, channel in opaque.value(x, y, channel) })
  }
}
