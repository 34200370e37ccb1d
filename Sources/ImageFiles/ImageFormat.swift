public import Pixels

/// A file format: what it is called and what it can hold. Its codec is found through `Codecs.all`.
public struct ImageFormat: Sendable {
  /// The short lower-case name, such as `png`.
  public let name: String
  /// File name extensions without the dot, the usual one first. Reading never looks at them.
  public let fileExtensions: [String]
  /// The widest and the tallest picture that a file can hold.
  public let maximumSize: Size
  /// Whether it holds an alpha channel.
  public let supportsAlpha: Bool
  /// Whether samples of 16 bits are kept; otherwise they are rounded to 8.
  public let supports16Bit: Bool
  /// Whether Acuity writes the format; it reads them all.
  public let isWritable: Bool
}

extension ImageFormat: Hashable, CustomStringConvertible {
  public static func == (a: ImageFormat, b: ImageFormat) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  public var description: String { name }
}

extension ImageFormat {
  /// All formats that can be read.
  public static var all: [ImageFormat] { Codecs.all.map { $0.format } }
  /// All formats that can be written.
  public static var writable: [ImageFormat] { all.filter(\.isWritable) }

  /// The format called `name`, or having it as a file extension; letter case does not matter.
  public init?(named name: String) {
    let name = name.lowercased()
    guard let match = Self.all.first(where: { $0.name == name || $0.fileExtensions.contains(name) }) else {
      return nil
    }
    self = match
  }

  /// The format for a picture that was read in this one and is to be written: itself, or PNG when Acuity does not
  /// write it.
  public var forWriting: ImageFormat { isWritable ? self : .png }
}

extension ImageFormat {
  /// Refuses a picture that a file of this format cannot hold, before any work is done for it. Whether its alpha is opaque
  /// everywhere, and could be left out, only its pixels tell.
  /// - Throws: `ImageFileError` with cause `.cannotHold`, whose text names the way out.
  public func check(size: Size, layout: Image.Layout, metadata: Metadata = Metadata()) throws(ImageFileError)
  {
    if let reason = refusal(size: size, layout: layout, metadata: metadata) {
      throw ImageFileError(file: nil, cause: .cannotHold(self, reason.problem, advice: reason.advice))
    }
  }

  package func refusal(
    size: Size, layout: Image.Layout, metadata: Metadata
  ) -> (problem: String, advice: String)? {
    if !isWritable { return ("Acuity only reads this format", "write PNG") }
    if size.width < 1 || size.height < 1 { return ("the picture is empty", "check the target size") }
    if size.width > maximumSize.width || size.height > maximumSize.height {
      return (
        "\(size.width)x\(size.height) pixels are more than its \(maximumSize.width)x\(maximumSize.height)",
        self == .png ? "choose a smaller scale" : "write PNG or choose a smaller scale"
      )
    }
    if layout.hasAlpha && !supportsAlpha {
      return ("it has no alpha channel", "write PNG or WebP")
    }
    return Codecs.codec(for: self).metadataRefusal(metadata)
  }

  /// See `Codec.encodingMemory`.
  package func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int
  {
    Codecs.codec(for: self).encodingMemory(size, layout, depth: depth, options)
  }

  /// The rows that are to be sent before all of them come in order, where a picture is encoded while its samples come: see
  /// `IncomingPicture`.
  package func rowsAhead(
    _ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions
  ) -> [Range<Int>] {
    Codecs.codec(for: self).rowsAhead(size, layout, depth: depth, options)
  }
}
