import ArgumentParser
import Stages

/// How large outputs become.
struct TargetOptions: ParsableArguments {
  @Option(help: "Factor of both sides, from 1 to 8; 2 unless another size is given.")
  var scale: Double?

  @Option(help: "Pixels, up to 1000000; the height follows unless it is given too.")
  var width: Int?

  @Option(help: "Pixels, up to 1000000; the width follows unless it is given too.")
  var height: Int?

  @Option(
    help: ArgumentHelp(
      "The largest size of the same shape inside this box, at most 8 times the picture's.",
      valueName: "width>x<height"))
  var fit: String?

  @Option(
    help: ArgumentHelp(
      "The largest size of the same shape of at most so many million pixels, at most 8 times the picture's.",
      valueName: "count"))
  var megapixels: Double?

  var isGiven: Bool { scale != nil || width != nil || height != nil || fit != nil || megapixels != nil }

  func validate() throws { _ = try settings() }

  /// As options of the stage `upscale`, which says what is wrong with them.
  func settings() throws -> [StageRequest.Setting] {
    func text(_ number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }
    let given: [(String, String?)] = [
      ("scale", scale.map(text)), ("width", width.map { "\($0)" }), ("height", height.map { "\($0)" }),
      ("fit", fit),
      ("megapixels", megapixels.map(text)),
    ]
    var settings = given.compactMap { name, value in value.map { StageRequest.Setting(name, $0) } }
    if settings.isEmpty { settings = [StageRequest.Setting("scale", "2")] }
    do {
      let options = try StageRegistry.builtIn.check(StageRequest(Upscale.name, settings)).options
      _ = try TargetSize(
        scale: options.number("scale"), width: options.integer("width"), height: options.integer("height"),
        fit: options.size("fit"), megapixels: options.number("megapixels"))
    } catch let error as TargetSizeError {
      throw ValidationError("\(error)")
    } catch StageError.badValue(_, let option, let value, let allowed) {
      throw ValidationError("--\(option) \(value) is not allowed; it takes \(allowed)")
    }
    return settings
  }
}
