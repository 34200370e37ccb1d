import Acuity
import ArgumentParser
import DemoPictures

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "Render a picture, reduce it, enlarge it again by bicubic interpolation and by Acuity, and show both.",
    discussion: """
      The picture is drawn by code. The result is one PNG, replaced if it exists: bicubic interpolation at the left, Acuity \
      at the right, each with the PSNR of its luma, and two details three times enlarged below.

      Examples:
        acuity demo
        acuity demo --scale 4 --model fast --output demo.png
      """)

  @Option(name: .shortAndLong, help: "Where to write the PNG.")
  var output = Path(Array("acuity-demo.png".utf8))

  @Option(help: "The factor: 2, 3 or 4.")
  var scale = 3

  @Option(help: ArgumentHelp("Pixels of the picture's sides.", visibility: .hidden))
  var side = 504

  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Engine") var compute: ComputeOptions
  @OptionGroup(title: "Messages") var messages: OutputOptions

  func validate() throws {
    if !(2...4).contains(scale) { throw ValidationError("--scale is 2, 3 or 4, not \(scale)") }
    let ending = "\(output)".split(separator: ".").last.map(String.init) ?? ""
    if ImageFormat(named: ending) != .png {
      throw ValidationError("the demo's picture is a PNG; let the name of --output end in .png")
    }
    if !(48...4096).contains(side) { throw ValidationError("--side is 48 to 4096, not \(side)") }
  }

  func run() throws {
    Interrupts.install()
    let model = try engine.makeModel(compute.isa)
    // A multiple of every scale, so that the enlarged picture lies on the original.
    let side = side / 12 * 12
    let size = Size(width: side, height: side)
    let original = DemoPicture.render(size)
    let bicubic = Upscaler(Bicubic())
    let small = try bicubic.upscale(original, to: Size(width: side / scale, height: side / scale))

    let progress = ProgressDisplay("upscaling", total: 1)
    let options = RunOptions(
      threads: compute.threads, progress: { progress.update(done: $0) },
      isCancelled: { Interrupts.areRaised })
    let results = [
      ("BICUBIC", try bicubic.upscale(small, to: size)),
      ("ACUITY", try Upscaler(model).upscale(small, to: size, options: options)),
    ]
    progress.finish()
    let panels = results.map { name, image in
      (name: "\(name) \(Text.fixed(quality(of: image, original), 2)) dB", image: image)
    }
    let sheet = SideBySide.compose(panels, details: DemoPicture.details)
    try writeFile(try ImageFile.encode(sheet, as: .png), to: output)
    let figures = panels.map(\.name).joined(separator: ", ")
    try Console.print("\(output): \(small.width)x\(small.height) pixels enlarged \(scale) times, \(figures)")
  }

  /// PSNR of the luma within the borders.
  private func quality(of image: Image, _ original: Image) -> Double {
    psnr(YCbCr(image).luma.inset(by: scale), YCbCr(original).luma.inset(by: scale))
  }
}
