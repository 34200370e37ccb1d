import Acuity
import Stages

/// What a parser is given, and what must hold whatever comes of it. A broken promise ends the process, which is what a
/// fuzzer looks for.
public enum Probe {
  /// Small enough that an input costs little, large enough for every branch.
  private static let limits = Limits(maxPixels: 1 << 20, maxDimension: 16_384, maxFileSize: 1 << 22)

  /// As it came, and with its checksums and compression mended, without which hardly a mutant reaches a pixel.
  public static func png(_ bytes: [UInt8]) {
    picture(bytes)
    if let mended = MendedPNG(bytes) { picture(mended.bytes) }
  }

  public static func jpeg(_ bytes: [UInt8]) { picture(bytes) }

  public static func webP(_ bytes: [UInt8]) { picture(bytes) }

  /// A picture is refused with a typed error, or it is whole: samples for every pixel, as the header has promised, and
  /// kept by being written and read again.
  static func picture(_ bytes: [UInt8]) {
    let tolerant = ReadOptions(cmyk: .convert, animation: .firstFrame, acceptsDamage: true)
    if let image = try? ImageFile.read(bytes: bytes, limits: limits, options: tolerant) {
      guard let header = try? ImageFile.header(bytes: bytes, options: tolerant), header.size == image.size
      else {
        fatalError("a damaged picture without its header")
      }
    }
    let header = try? ImageFile.header(bytes: bytes)
    let options = ReadOptions(cmyk: .convert, animation: .firstFrame)
    guard let image = try? ImageFile.read(bytes: bytes, limits: limits, options: options) else { return }
    guard let header else { fatalError("a picture without a header") }
    guard header.size == image.size, header.layout == image.layout else {
      fatalError("the header promises \(header.size), the picture is \(image.size)")
    }
    guard image.samples.count == image.size.width * image.size.height * image.layout.channels else {
      fatalError("\(image.samples.count) samples for \(image.size)")
    }
    guard image.size.width * image.size.height <= limits.maxPixels else { fatalError("over the limit") }
    // Room for pieces of the compressed pixels, of 256 KB, with 16 bits.
    guard image.size.width * image.size.height <= 1 << 16 else { return }
    // Without compression by libpng; with it libpng's way or in pieces, whatever suits the picture.
    for level in [0, 6] { keepsPixels(image, level: level) }
  }

  /// The pixels are the same after being written as PNG and read again.
  private static func keepsPixels(_ image: Image, level: Int) {
    do throws(ImageFileError) {
      let copy = try ImageFile.read(
        bytes: ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: level)))
      guard copy.samples == image.samples else { fatalError("other pixels after writing at level \(level)") }
    } catch {
      // Metadata can be such that no PNG holds it; pixels cannot.
      guard case .cannotHold = error.cause else { fatalError("cannot be written: \(error)") }
    }
  }

  /// A model is refused, or it has at least a layer, finite weights, and is kept by being written and read again.
  public static func model(_ bytes: [UInt8]) {
    guard let model = try? Model(bytes: bytes, name: "fuzz") else { return }
    guard !model.layers.isEmpty else { fatalError("a model without layers") }
    for layer in model.layers {
      guard layer.weights.count == 9 * layer.inputChannels * layer.outputChannels,
        layer.weights.allSatisfy(\.isFinite), layer.bias?.allSatisfy(\.isFinite) ?? true
      else { fatalError("a layer that is none") }
    }
    guard let copy = try? Model(bytes: model.serialized(), name: "fuzz"), copy.layers == model.layers else {
      fatalError("another model after writing and reading")
    }
  }

  /// A list of stages is refused with a place or a reason, or every name and option in it is one that exists.
  public static func stages(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let requests: [StageRequest]
    do throws(StageError) {
      requests = try StageRequest.parse(text)
    } catch {
      guard case .syntax(let position, let reason) = error, position >= 1,
        position <= text.unicodeScalars.count + 1,
        !reason.isEmpty
      else { fatalError("a syntax error without a place: \(error)") }
      return
    }
    for request in requests {
      do throws(StageError) {
        let (entry, _) = try StageRegistry.builtIn.check(request)
        guard entry.name == request.name else { fatalError("\(request.name) became \(entry.name)") }
      } catch {
        guard !error.description.isEmpty else { fatalError("no reason") }
      }
    }
  }
}
