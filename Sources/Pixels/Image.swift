/// A picture in memory: interleaved whole-number samples and the metadata that travels with them.
///
/// Samples are row-major and interleaved without padding: `samples[(y * width + x) * layout.channels + c]`.
/// Colour is RGB as stored in the file (no colour management; the ICC profile is carried along). Alpha is
/// straight, not premultiplied. Pixels are upright: a file's orientation has been applied.
public struct Image: Sendable, Equatable {
  /// Which channels a pixel has, in this order.
  public enum Layout: Sendable, Hashable, CaseIterable {
    /// Luminance alone.
    case gray
    /// Gray, alpha.
    case grayAlpha
    /// Red, green, blue.
    case rgb
    /// Red, green, blue, alpha.
    case rgba
  }

  /// Samples of 8 bits (0...255) or 16 bits (0...65535).
  public enum Samples: Sendable, Equatable {
    /// Of 8 bits, row by row, a pixel's channels side by side.
    case uint8([UInt8])
    /// Of 16 bits, in the same order.
    case uint16([UInt16])
  }

  /// Pixels of a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// What a pixel's samples are.
  public let layout: Layout
  /// `width * height * layout.channels` samples.
  public let samples: Samples
  /// What goes with the pixels into a file.
  public var metadata: Metadata

  /// A picture of these samples; their number has to fit, and neither side may be 0.
  public init(width: Int, height: Int, layout: Layout, samples: Samples, metadata: Metadata = Metadata()) {
    precondition(width > 0 && height > 0)
    precondition(samples.count == width * height * layout.channels)
    self.width = width
    self.height = height
    self.layout = layout
    self.samples = samples
    self.metadata = metadata
  }

  /// Width and height.
  public var size: Size { Size(width: width, height: height) }
}

extension Image.Layout {
  /// Samples per pixel: 1, 2, 3 or 4.
  public var channels: Int {
    switch self {
    case .gray: 1
    case .grayAlpha: 2
    case .rgb: 3
    case .rgba: 4
    }
  }

  /// Samples per pixel besides alpha: 1 or 3.
  package var colorChannels: Int { isGray ? 1 : 3 }

  /// Whether the last channel is alpha.
  public var hasAlpha: Bool { self == .grayAlpha || self == .rgba }
  /// The same channels besides alpha.
  package var withoutAlpha: Self { isGray ? .gray : .rgb }
  /// Whether there is a single channel besides alpha.
  public var isGray: Bool { self == .gray || self == .grayAlpha }
}

extension Image.Samples {
  /// Samples, those of all channels counted.
  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .uint16(let values): values.count
    }
  }

  /// Bits per sample: 8 or 16.
  public var depth: Int {
    switch self {
    case .uint8: 8
    case .uint16: 16
    }
  }
}
