import Pixels

/// One file format. A new one is a file with a type like this and its line in `Codecs.all`.
///
/// Reading has two steps, so that the limits are checked between them: `parse` walks the container and allocates
/// nothing for pixels; `decode` fills exactly the layout that `parse` has promised.
protocol Codec: Sendable {
  static var format: ImageFormat { get }

  /// Whether the content begins like a file of this format; the name is never looked at.
  static func recognizes(_ bytes: Content) -> Bool

  static func parse(_ bytes: Content) throws(ImageFileError.Cause) -> StoredPicture

  /// Whether the file goes on to where its picture ends, for formats of which `parse` does not see it.
  static func reachesItsEnd(_ bytes: Content) -> Bool

  /// The samples as stored; `picture` is what `parse` has found in the same bytes, already held against the limits.
  static func decode(_ bytes: [UInt8], _ picture: StoredPicture) throws(ImageFileError.Cause) -> Image.Samples

  static func encode(_ image: Image, _ options: EncodeOptions) throws(ImageFileError.Cause) -> [UInt8]

  /// The same file of a picture that comes row by row.
  static func encode(
    _ picture: IncomingPicture, _ options: EncodeOptions
  ) throws(ImageFileError.Cause) -> EncodedFile

  /// The rows that encoding such a picture begins with, before all of them come in order.
  static func rowsAhead(
    _ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions
  ) -> [Range<Int>]

  /// Bytes that encoding takes at most beside the samples, the file's own included: what noise takes, for a photograph far
  /// less. Processes are limited by it, and pictures under way counted.
  static func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int

  /// Why a file could not hold this metadata; nil when it can.
  static func metadataRefusal(_ metadata: Metadata) -> (problem: String, advice: String)?
}

extension Codec {
  static func reachesItsEnd(_ bytes: Content) -> Bool { true }

  /// Nothing, of formats that are only read.
  static func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int
  { 0 }

  static func metadataRefusal(_ metadata: Metadata) -> (problem: String, advice: String)? { nil }

  static func encode(_ image: Image, _ options: EncodeOptions) throws(ImageFileError.Cause) -> [UInt8] {
    throw .cannotHold(format, "Acuity only reads this format", advice: "write PNG")
  }

  /// By way of the whole picture.
  static func encode(
    _ picture: IncomingPicture, _ options: EncodeOptions
  ) throws(ImageFileError.Cause) -> EncodedFile {
    EncodedFile(try encode(try picture.whole(for: format), options))
  }

  static func rowsAhead(
    _ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions
  ) -> [Range<Int>] { [] }
}

enum Codecs {
  static let all: [any Codec.Type] = [PNGCodec.self, JPEGCodec.self, WebPCodec.self, BMPCodec.self]

  static func codec(for format: ImageFormat) -> any Codec.Type {
    guard let codec = all.first(where: { $0.format == format }) else {
      preconditionFailure("\(format) has no codec: formats come from the list of codecs")
    }
    return codec
  }
}
