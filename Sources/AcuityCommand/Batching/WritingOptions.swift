import Acuity
import ArgumentParser
import Batch
import Folders

/// How outputs are named and written.
struct WritingOptions: ParsableArguments {
  @Option(help: "png, jpeg or webp; by default the input's format.")
  var format: String?

  @Option(
    help: """
      Of JPEG and lossy WebP, 1 to 100, by default \(EncodeOptions().quality); JPEG keeps colours at full resolution \
      from 90 up.
      """)
  var quality: Int?

  @Option(help: "Compression of PNG, 0 (fastest) to 9 (smallest), by default \(EncodeOptions().pngLevel).")
  var pngLevel: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Write lossless WebP; by default where the input is one and no quality is given.")
  var lossless: Bool?

  @Flag(help: "Write progressive JPEG.")
  var progressive = false

  @Option(help: "The profile, EXIF, XMP, IPTC and resolution: keep or strip.")
  var metadata = EncodeOptions.MetadataPolicy.keep

  @Flag(
    help: """
      Say in the XMP of outputs what has made them: program, SHA-256 of the weights, scale. What an input says so of itself \
      is kept without this option, less the scale if the size is another.
      """)
  var provenance = false

  @Option(
    help: ArgumentHelp(
      """
      Names of outputs, with {stem}, {name}, {ext}, {format}, {scale}, {width}, {height}, such as {stem}_{scale}x.{ext} \
      (default: {stem}.{ext}).
      """,
      valueName: "pattern"))
  var name: String?

  @Flag(
    help: """
      Give outputs the modification time of their inputs, also those that a ledger knows to be up to date.
      """)
  var keepMtime = false

  @Flag(
    help: """
      Give outputs the permissions of their inputs, also those that a ledger knows to be up to date.
      """)
  var keepPermissions = false

  @Option(
    help: "Check outputs before they get their names: by their header, or by decoding them whole (decode).")
  var verify = Job.Verification.header

  func validate() throws {
    _ = try imageFormat
    if provenance, metadata == .strip {
      throw ValidationError("--metadata strip leaves out what --provenance writes; leave one of them out")
    }
    if let quality, !(1...100).contains(quality) {
      throw ValidationError("--quality is 1 to 100, not \(quality)")
    }
    if let pngLevel, !(0...9).contains(pngLevel) {
      throw ValidationError("--png-level is 0 to 9, not \(pngLevel)")
    }
    if let name {
      do throws(NamePattern.Malformed) {
        _ = try NamePattern(name)
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  /// Refuses what the format of all outputs cannot do, or would pass over; nil if they have several, of which each takes what
  /// concerns it.
  func check(for format: ImageFormat?) throws {
    guard let format, let (choice, reason) = encoding.idleChoice(for: format) else { return }
    let option = choice == .lossless && lossless == false ? "--no-lossless" : "--\(choice.rawValue)"
    throw ValidationError("\(option) \(reason); leave it out, or choose another --format")
  }

  private var encoding: EncodingChoices {
    var choices = EncodingChoices()
    (choices.quality, choices.pngLevel) = (quality, pngLevel)
    (choices.progressive, choices.lossless) = (progressive, lossless)
    return choices
  }

  var imageFormat: ImageFormat? {
    get throws {
      guard let format else { return nil }
      guard let found = ImageFormat(named: format), found.isWritable else {
        let known = ImageFormat.writable.map(\.name).joined(separator: ", ")
        throw ValidationError("--format is \(known), not \(Text.safe(format))")
      }
      return found
    }
  }

  func apply(to output: inout Job.Output) {
    output.encoding = encoding.options(metadata: metadata)
    output.keepsLossless = encoding.keepsLossless
    output.recordsProvenance = provenance
  }

  func apply(to job: inout Job) {
    job.keepsModificationTime = keepMtime
    job.keepsPermissions = keepPermissions
    job.verification = verify
  }
}
