import Acuity
import ArgumentParser
import Batch

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

  /// The error, with the option that would have the picture read.
  static func describe(_ error: ImageFileError) -> String {
    let options = error.cause.settings.map { $0.option($1) }
    return "\(error)" + (options.isEmpty ? "" : " (\(options.joined(separator: ", ")))")
  }

  var options: ReadOptions { ReadOptions(cmyk: cmyk, animation: animation) }

  var limits: Limits {
    var limits = Limits()
    if let maxPixels { limits.maxPixels = maxPixels.count }
    return limits
  }
}
