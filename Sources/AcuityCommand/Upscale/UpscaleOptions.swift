import Acuity
import ArgumentParser
import Batch
import Folders
import Foundation
import Stages

/// How large outputs become.
struct TargetOptions: ParsableArguments {
  @Option(help: "Factor of both sides, from 1 to 8; 2 unless another size is given.")
  var scale: Double?

  @Option(help: "Pixels; the height follows unless it is given too.")
  var width: Int?

  @Option(help: "Pixels; the width follows unless it is given too.")
  var height: Int?

  @Option(
    help: ArgumentHelp(
      "The largest size of the same shape inside this box, at most 8 times the picture's.",
      valueName: "width>x<height"))
  var fit: String?

  var isGiven: Bool { scale != nil || width != nil || height != nil || fit != nil }

  func validate() throws { _ = try settings() }

  /// As options of the stage `upscale`, which says what is wrong with them.
  func settings() throws -> [StageRequest.Setting] {
    let given: [(String, String?)] = [
      ("scale", scale.map { Int(exactly: $0).map { "\($0)" } ?? "\($0)" }), ("width", width.map { "\($0)" }),
      ("height", height.map { "\($0)" }), ("fit", fit),
    ]
    var settings = given.compactMap { name, value in value.map { StageRequest.Setting(name, $0) } }
    if settings.isEmpty { settings = [StageRequest.Setting("scale", "2")] }
    do {
      let options = try StageRegistry.builtIn.check(StageRequest("upscale", settings)).options
      _ = try TargetSize(
        scale: options.number("scale"), width: options.integer("width"), height: options.integer("height"),
        fit: options.size("fit"))
    } catch let error as TargetSizeError {
      throw ValidationError("\(error)")
    } catch StageError.badValue(_, let option, let value, let allowed) {
      throw ValidationError("--\(option) \(value) is not allowed; it takes \(allowed)")
    }
    return settings
  }
}

/// Which of the files that were named or found are inputs.
struct SelectionOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Enter folders in folders; the output mirrors the tree.")
  var recursive = false

  @Option(
    help: ArgumentHelp(
      "Take only files in folders that match; may be given several times. * and ? stay within a name, ** crosses "
        + "folders; a pattern without / is held against the name alone.", valueName: "glob"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out files and folders that match.", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Read further inputs from a file, or from standard input (-): one a line, or with zero bytes between them.",
      valueName: "file"))
  var filesFrom: Path?

  func validate() throws {
    for pattern in include + exclude where Glob(pattern) == nil {
      throw ValidationError("'\(Text.safe(pattern))' is no pattern; a [ needs its ], a \\ something after it")
    }
  }

  func selection(_ arguments: [Path]) throws -> InputSelection {
    var selection = InputSelection(arguments: arguments.map(\.bytes))
    selection.isRecursive = recursive
    selection.include = include.compactMap { Glob($0) }
    selection.exclude = exclude.compactMap { Glob($0) }
    if let filesFrom { selection.listed = try Self.list(filesFrom) }
    return selection
  }

  /// The names in a list: one a line, or with zero bytes between them. Lines may end as they do on Windows, if all do.
  static func list(_ path: Path) throws -> [[UInt8]] {
    // Of ten million names.
    let limit = 1 << 30
    var bytes: [UInt8]
    do throws(FileError) {
      if path.bytes == [UInt8(ascii: "-")] {
        bytes = try Descriptor.read(STDIN_FILENO, name: "standard input", limit: limit)
      } else {
        let descriptor = try Descriptor.openForReading(path.bytes)
        defer { close(descriptor) }
        bytes = try Descriptor.read(descriptor, name: "\(path)", limit: limit)
      }
    } catch {
      throw CommandFailure(.unreadable, "\(error)")
    }
    guard bytes.count <= limit else {
      throw CommandFailure(.unreadable, "\(path): a list of more than \(limit) bytes: divide it")
    }
    // The mark that editors on Windows begin a file with.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    if bytes.contains(0) { return bytes.split(separator: 0).map(Array.init) }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let isFromWindows = lines.allSatisfy { $0.last == UInt8(ascii: "\r") }
    return lines.map { Array(isFromWindows ? $0.dropLast() : $0) }.filter { !$0.isEmpty }
  }
}

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

/// With what a watched folder has no use for: there, a file that does not decode to its end is still being written.
struct BatchReadingOptions: ParsableArguments {
  @OptionGroup var common: ReadingOptions

  @Flag(
    help: """
      Take a damaged or cut JPEG or PNG as far as it decodes, with a warning; what is missing is gray, black or \
      transparent.
      """)
  var tolerant = false

  var options: ReadOptions {
    var options = common.options
    options.acceptsDamage = tolerant
    return options
  }

  var limits: Limits { common.limits }
}

/// A number of pixels as people write it: `50M` is fifty million.
struct PixelCount: ExpressibleByArgument {
  let count: Int

  init?(argument: String) {
    guard let count = Quantity.pixels(argument) else { return nil }
    self.count = count
  }
}
