import Acuity
import ArgumentParser

/// What is accepted as a picture.
struct ReadingOptions: ParsableArguments {
  @Option(help: "Print colours (CMYK): refuse them, or convert them plainly to RGB (convert).")
  var cmyk = ReadOptions.CMYK.refuse

  @Option(
    help:
      "Animations: refuse them, or take the first frame, of an animated PNG its default image (first-frame).")
  var animation = ReadOptions.Animation.refuse

  @Option(
    help: ArgumentHelp(
      "Refuse pictures of more pixels, inputs and outputs alike, as in 50M; by default 268M, the largest WebP.",
      valueName: "count"))
  var maxPixels: PixelCount?

  var options: ReadOptions { ReadOptions(cmyk: cmyk, animation: animation) }

  var limits: Limits {
    var limits = Limits()
    if let maxPixels { limits.maxPixels = maxPixels.count }
    return limits
  }
}
