/// What a picture's file says beside its pixels.
public struct Metadata: Sendable, Equatable {
  /// The ICC profile, byte for byte as stored.
  public var iccProfile: [UInt8]?
  /// The EXIF block: a TIFF structure, without JPEG's `Exif\0\0` prefix. Its orientation is 1, since it has been
  /// applied to the pixels; its thumbnail is left out.
  public var exif: [UInt8]?
  /// The XMP packet, UTF-8 XML. Its `tiff:Orientation` is 1 where the file has stated one, in EXIF or here alone: it has been
  /// applied to the pixels.
  public var xmp: [UInt8]?
  /// The rest of an XMP packet that is longer than a JPEG's segment, a packet of its own as stored; the first one names it by
  /// `xmpNote:HasExtendedXMP`. Other formats have no place for it: written as one of them, the first packet names none.
  public var extendedXMP: [UInt8]?
  /// Captions, keywords and credits as IPTC-IIM data sets, as a JPEG stores them among Photoshop's resources. Other formats have
  /// no place for them.
  public var iptc: [UInt8]?
  /// Pixel density, where the file states one.
  public var resolution: Resolution?
  /// What a PNG says of its colours beside or instead of a profile: its `cICP`, `mDCV`, `cLLI`, `sRGB`, `gAMA` and `cHRM`
  /// chunks as stored, each as length, type and data. Other formats have no place for them.
  public var pngColor: [UInt8]?

  /// Nothing is checked here; what a file cannot hold, writing it refuses.
  public init(
    iccProfile: [UInt8]? = nil, exif: [UInt8]? = nil, xmp: [UInt8]? = nil, extendedXMP: [UInt8]? = nil,
    iptc: [UInt8]? = nil, resolution: Resolution? = nil, pngColor: [UInt8]? = nil
  ) {
    self.iccProfile = iccProfile
    self.exif = exif
    self.xmp = xmp
    self.extendedXMP = extendedXMP
    self.iptc = iptc
    self.resolution = resolution
    self.pngColor = pngColor
  }

  /// Only what says how the colours are to be shown.
  public var colorOnly: Metadata { Metadata(iccProfile: iccProfile, pngColor: pngColor) }

  /// Pixels per unit of length, or their bare aspect ratio.
  public struct Resolution: Sendable, Hashable {
    /// What `x` and `y` count pixels by.
    public enum Unit: Sendable, Hashable {
      /// Pixels to the meter.
      case meter
      /// Pixels to the inch.
      case inch
      /// No length: only the ratio of the two says anything.
      case aspectRatio
    }

    /// Pixels per unit across.
    public var x: Double
    /// Pixels per unit down.
    public var y: Double
    /// The unit.
    public var unit: Unit

    /// A density across and down.
    public init(x: Double, y: Double, unit: Unit) {
      self.x = x
      self.y = y
      self.unit = unit
    }
  }
}
