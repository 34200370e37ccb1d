import CPNG
import Pixels

/// The chunks beside the pixels: iCCP, cICP, mDCV, cLLI, sRGB, gAMA, cHRM, eXIf, XMP in iTXt, pHYs.
enum PNGMetadata {
  private static let xmpKeyword = "XML:com.adobe.xmp"
  /// What a compressed profile or XMP packet may inflate to. Profiles of print shops have a few megabytes.
  private static let inflatedLimit = 16 << 20

  /// Chunks about colour that are kept as they are, with the length of their data.
  private static let colorChunks = [
    ("cICP", 4), ("mDCV", 24), ("cLLI", 8), ("sRGB", 1), ("gAMA", 4), ("cHRM", 32),
  ]

  /// What the chunks say. A chunk that makes no sense is as good as absent: no picture is worth losing for it.
  static func read(_ chunks: PNGChunks, _ raw: PNGRawProfiles) -> Metadata {
    Metadata(
      iccProfile: chunks.first("iCCP", beforeData: true).flatMap { profile(chunks.bytes, $0) }
        ?? raw.iccProfile,
      exif: chunks.first("eXIf").map { Exif.withoutPrefix(chunks.bytes[$0]) } ?? raw.exif,
      xmp: xmpChunk(chunks).flatMap { xmp(chunks.bytes, $0) } ?? raw.xmp,
      resolution: chunks.first("pHYs", beforeData: true).flatMap { resolution(chunks.bytes, $0) },
      pngColor: color(chunks))
  }

  /// Whether there are texts that are not kept: those for people to read, and metadata that is not understood.
  static func hasTexts(_ chunks: PNGChunks, besides raw: PNGRawProfiles) -> Bool {
    let metadata = raw.read + [xmpChunk(chunks)].compactMap(\.self)
    return ["tEXt", "zTXt", "iTXt"].contains { chunks.all($0).contains { !metadata.contains($0) } }
  }

  /// Whether there is a chunk of XMP, be it readable or not.
  static func hasXMP(_ chunks: PNGChunks) -> Bool { xmpChunk(chunks) != nil }

  private static func xmpChunk(_ chunks: PNGChunks) -> Range<Int>? {
    chunks.all("iTXt").first { chunks.bytes.has(xmpKeyword + "\0", at: $0.lowerBound) }
  }

  /// The chunks for `metadata`, each as length, type and data.
  static func chunks(for metadata: Metadata) throws(ImageFileError.Cause) -> [UInt8] {
    var result: [UInt8] = []
    func append(_ type: String, _ data: [UInt8]) {
      result.appendBigEndian32(data.count)
      result += Array(type.utf8) + data
    }
    if let profile = metadata.iccProfile {
      append("iCCP", Array("ICC profile\0\0".utf8) + (try deflated(withoutPadding(profile))))
    }
    if let color = metadata.pngColor { result += color }
    if let resolution = metadata.resolution.flatMap(resolutionChunk) { append("pHYs", resolution) }
    if let exif = metadata.exif { append("eXIf", exif) }
    // Keyword, not compressed, no language, no translated keyword, text.
    if let xmp = metadata.xmp { append("iTXt", Array((xmpKeyword + "\0\0\0\0\0").utf8) + xmp) }
    return result
  }
}

extension PNGMetadata {
  /// As many bytes as the profile's header says (ICC.1:2022, 7.2). What lies behind is ignored in other formats; in a PNG libpng
  /// refuses the profile for it, and the picture would be shown in other colours. What is no profile stays as it is.
  private static func withoutPadding(_ profile: [UInt8]) -> [UInt8] {
    let content = Content(profile)
    var reader = ByteReader(content)
    guard content.has("acsp", at: 36), let length = reader.bigEndian32(), length >= 128,
      length < profile.count
    else { return profile }
    return Array(profile[..<length])
  }

  /// Name, zero, method 0, zlib stream.
  private static func profile(_ bytes: Content, _ chunk: Range<Int>) -> [UInt8]? {
    let name = chunk.prefix(80)
    guard let nameEnd = bytes.firstIndex(of: 0, in: name), nameEnd + 2 < chunk.upperBound,
      bytes[nameEnd + 1] == 0
    else { return nil }
    return inflated(bytes, nameEnd + 2..<chunk.upperBound)
  }

  private static func color(_ chunks: PNGChunks) -> [UInt8]? {
    var result: [UInt8] = []
    for (type, length) in colorChunks {
      guard let data = chunks.first(type, beforeData: true), data.count == length else { continue }
      result.appendBigEndian32(length)
      result += Array(type.utf8) + chunks.bytes[data]
    }
    return result.isEmpty ? nil : result
  }

  private static func xmp(_ bytes: Content, _ chunk: Range<Int>) -> [UInt8]? {
    let flags = chunk.lowerBound + xmpKeyword.utf8.count + 1
    guard flags + 2 <= chunk.upperBound else { return nil }
    guard let language = bytes.firstIndex(of: 0, in: flags + 2..<chunk.upperBound),
      let keyword = bytes.firstIndex(of: 0, in: language + 1..<chunk.upperBound)
    else { return nil }
    let text = keyword + 1..<chunk.upperBound
    switch (bytes[flags], bytes[flags + 1]) {
    case (0, _): return bytes[text]
    case (1, 0): return inflated(bytes, text)
    default: return nil
    }
  }

  private static func resolution(_ bytes: Content, _ chunk: Range<Int>) -> Metadata.Resolution? {
    var reader = ByteReader(bytes, from: chunk.lowerBound, to: chunk.upperBound)
    guard chunk.count == 9, let x = reader.bigEndian32(), let y = reader.bigEndian32(),
      let unit = reader.byte(), x > 0, y > 0, unit <= 1
    else { return nil }
    return Metadata.Resolution(x: Double(x), y: Double(y), unit: unit == 1 ? .meter : .aspectRatio)
  }

  private static func resolutionChunk(_ resolution: Metadata.Resolution) -> [UInt8]? {
    let scale = resolution.unit == .inch ? 1 / 0.0254 : 1
    let (x, y) = ((resolution.x * scale).rounded(), (resolution.y * scale).rounded())
    guard (1...0x7fff_ffff).contains(x), (1...0x7fff_ffff).contains(y) else { return nil }
    var chunk: [UInt8] = []
    chunk.appendBigEndian32(Int(x))
    chunk.appendBigEndian32(Int(y))
    chunk.append(resolution.unit == .aspectRatio ? 0 : 1)
    return chunk
  }

  static func inflated(
    _ bytes: Content, _ range: Range<Int>, limit: Int = inflatedLimit
  ) -> [UInt8]? {
    var out = unsafe acuity_png_buffer()
    defer { unsafe acuity_png_free(&out) }
    let code = unsafe bytes[range].withUnsafeBufferPointer {
      unsafe acuity_zlib_inflate($0.baseAddress, $0.count, limit, &out)
    }
    return Int(code) == ACUITY_PNG_OK ? unsafe out.array : nil
  }

  private static func deflated(_ bytes: [UInt8]) throws(ImageFileError.Cause) -> [UInt8] {
    var out = unsafe acuity_png_buffer()
    defer { unsafe acuity_png_free(&out) }
    let code = unsafe bytes.withUnsafeBufferPointer {
      unsafe acuity_zlib_deflate($0.baseAddress, $0.count, 9, &out)
    }
    guard Int(code) == ACUITY_PNG_OK else { throw .outOfMemory(bytes: nil) }
    return unsafe out.array
  }
}
