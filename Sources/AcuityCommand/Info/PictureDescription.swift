import Acuity
import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a picture's header says.
struct PictureDescription: InfoDescription {
  let file: String
  let format: String
  let width: Int
  let height: Int
  let channels: String
  /// Bits per sample.
  let depth: Int
  /// How the stored rows are turned to be upright, as EXIF numbers it.
  let orientation: Int
  let iccProfileBytes: Int?
  let exifBytes: Int?
  let xmpBytes: Int?
  let iptcBytes: Int?
  /// Dots per inch, where the file states a density.
  let dpi: [Double]?
  /// Whether the file holds its samples exactly.
  let isLossless: Bool
  let isAnimated: Bool
  /// Of an animation, where the header tells.
  let frames: Int?
  let isCMYK: Bool
  /// What is damaged beside the pixels and will be left out.
  let leftOut: [String]

  /// `-` is a picture from standard input.
  init(of file: Path) throws(ImageFileError) {
    if file == PipedPicture.mark {
      let name = "standard input"
      self.init(try ImageFile.header(bytes: Self.standardInput(), name: name), of: name)
      return
    }
    // Of a picture that is too large to read, its size is what people want to know.
    let limits = Limits(maxPixels: .max, maxDimension: .max)
    self.init(try ImageFile.header(pathBytes: file.bytes, limits: limits), of: "\(file)")
  }

  private static func standardInput() throws(ImageFileError) -> [UInt8] {
    let limit = Limits().maxFileSize
    func error(_ cause: ImageFileError.Cause) -> ImageFileError {
      ImageFileError(file: "standard input", cause: cause)
    }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Descriptor.read(STDIN_FILENO, name: "standard input", limit: limit)
    } catch let problem {
      throw error(.cannotRead(errno: problem.code))
    }
    guard bytes.count <= limit else { throw error(.fileTooLarge(bytes: bytes.count, limit: limit)) }
    return bytes
  }

  init(_ header: ImageHeader, of file: String) {
    self.file = file
    format = header.format.name
    width = header.size.width
    height = header.size.height
    channels =
      switch header.layout {
      case _ where header.isCMYK: "CMYK"
      case .gray: "gray"
      case .grayAlpha: "gray and alpha"
      case .rgb: "RGB"
      case .rgba: "RGB and alpha"
      }
    depth = header.depth
    orientation = header.orientation.rawValue
    iccProfileBytes = header.metadata.iccProfile?.count
    exifBytes = header.metadata.exif?.count
    xmpBytes = header.metadata.xmp.map { $0.count + (header.metadata.extendedXMP?.count ?? 0) }
    iptcBytes = header.metadata.iptc?.count
    dpi = header.metadata.resolution.flatMap { resolution in
      switch resolution.unit {
      case .inch: [resolution.x, resolution.y]
      case .meter: [resolution.x * 0.0254, resolution.y * 0.0254]
      case .aspectRatio: nil
      }
    }
    isLossless = header.isLossless
    isAnimated = header.isAnimated
    frames = header.isAnimated ? header.frames : nil
    isCMYK = header.isCMYK
    leftOut = header.leftOut
  }

  var text: String {
    // Of other formats the name says it.
    let kind = format == ImageFormat.webp.name ? (isLossless ? ", lossless" : ", lossy") : ""
    var rows = [
      ("format", format + kind + (isAnimated ? ", animated" : "") + (frames.map { ", \($0) frames" } ?? "")),
      ("size", "\(width) x \(height), \(Text.fixed(Double(width) * Double(height) / 1e6, 2)) megapixels"),
      ("samples", "\(channels), \(depth) bits"),
    ]
    if orientation != 1 { rows.append(("orientation", "\(orientation) (applied when read)")) }
    if let dpi { rows.append(("density", dpi.map { Text.fixed($0, 0) }.joined(separator: " x ") + " dpi")) }
    let blocks = [
      ("ICC profile", iccProfileBytes), ("EXIF", exifBytes), ("XMP", xmpBytes), ("IPTC", iptcBytes),
    ]
    .compactMap { name, bytes in bytes.map { "\(name) (\($0) bytes)" } }
    rows.append(("metadata", blocks.isEmpty ? "none" : blocks.joined(separator: ", ")))
    if !leftOut.isEmpty { rows.append(("left out", leftOut.joined(separator: ", "))) }
    return file + "\n" + Text.table(rows)
  }
}
