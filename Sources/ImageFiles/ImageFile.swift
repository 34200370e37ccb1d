public import Pixels

/// Reading and writing picture files.
///
/// The format is recognized by content. A file that is damaged, incomplete or beyond the limits is an error, never
/// a partial picture unless `ReadOptions.acceptsDamage` asks for it. Pixels come out upright, with the metadata made to agree.
public enum ImageFile {
  /// The picture in a file.
  ///
  /// - Throws: `ImageFileError` with the file's name: it cannot be read, is damaged, is beyond the limits, or is what `options` refuse.
  /// - Complexity: one read of the file, which is in memory as a whole beside the pixels.
  public static func read(
    _ path: String, limits: Limits = Limits(), options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> Image {
    try read(pathBytes: Array(path.utf8), limits: limits, options: options)
  }

  /// The picture in a file whose name is any bytes, without a closing zero: names need not be UTF-8.
  ///
  /// - Throws: `ImageFileError`, as of any file.
  public static func read(
    pathBytes: [UInt8], limits: Limits = Limits(), options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> Image {
    let name = printable(pathBytes)
    return try read(bytes: load(pathBytes, limits), name: name, limits: limits, options: options)
  }

  /// The picture in a file's bytes; errors call the file `name`.
  ///
  /// - Throws: `ImageFileError`, as of a file; `limits.maxFileSize` is not asked.
  public static func read(
    bytes: [UInt8], name: String? = nil, limits: Limits = Limits(), options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> Image {
    try naming(name) { () throws(ImageFileError.Cause) in
      try picture(in: bytes, limits, options)
    }
  }

  /// What a file's header says; no pixel is decoded, and of a large file only what the header's parts take is read.
  /// A file with a good header may still be incomplete; one of a picture beyond the limits is refused, as reading it
  /// would be.
  ///
  /// - Throws: `ImageFileError` where the file cannot be read, its header is damaged, or the picture is beyond the limits.
  public static func header(_ path: String, limits: Limits = Limits()) throws(ImageFileError) -> ImageHeader {
    try header(pathBytes: Array(path.utf8), limits: limits)
  }

  /// The same for a path of any bytes, without a closing zero.
  public static func header(
    pathBytes: [UInt8], limits: Limits = Limits()
  ) throws(ImageFileError) -> ImageHeader {
    try naming(printable(pathBytes)) { () throws(ImageFileError.Cause) in
      let header = try FileBytes.withDescriptor(pathBytes) { (descriptor) throws(ImageFileError.Cause) in
        try FileBytes.withContent(descriptor: descriptor, limit: limits.maxFileSize, header(in:))
      }
      try limits.check(header.size)
      return header
    }
  }

  /// The header of an open file, wherever its descriptor stands, for callers that look at the picture's size themselves: of
  /// the limits, that on the file's bytes holds. Of the options, `acceptsDamage` concerns it.
  package static func header(
    descriptor: Int32, name: String? = nil, limits: Limits = Limits(), options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> ImageHeader {
    try naming(name) { () throws(ImageFileError.Cause) in
      try FileBytes.withContent(
        descriptor: descriptor, limit: limits.maxFileSize, acceptsDamage: options.acceptsDamage, header(in:))
    }
  }

  /// Whether an open file with a good header goes on to where its picture ends, be that picture good or not. Of a file that
  /// ends as it should, only the end is read.
  package static func reachesItsEnd(descriptor: Int32, limits: Limits = Limits()) throws(ImageFileError)
    -> Bool
  {
    try naming(nil) { () throws(ImageFileError.Cause) in
      try FileBytes.withContent(descriptor: descriptor, limit: limits.maxFileSize) {
        content throws(ImageFileError.Cause) in
        try codec(for: content).reachesItsEnd(content)
      }
    }
  }

  /// The header of a file that is in memory; errors call it `name`. Of the options, `acceptsDamage` concerns it. No limit is
  /// asked: whoever needs one looks at the header's size.
  ///
  /// - Throws: `ImageFileError` where the header is damaged or of no known format.
  public static func header(
    bytes: [UInt8], name: String? = nil, options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> ImageHeader {
    try naming(name) { () throws(ImageFileError.Cause) in
      try header(in: Content(bytes, acceptsDamage: options.acceptsDamage))
    }
  }

  /// The bytes of a file holding `image`; an alpha that is opaque everywhere is left out where the format has no place for it.
  ///
  /// - Throws: `ImageFileError` with cause `.cannotHold` when the format cannot (see `ImageFormat.check`), `.invalidOption`,
  ///   `.outOfMemory` or `.encodingFailed`.
  public static func encode(
    _ image: Image, as format: ImageFormat, options: EncodeOptions = EncodeOptions()
  ) throws(ImageFileError) -> [UInt8] {
    try naming(nil) { () throws(ImageFileError.Cause) in
      try options.validate()
      var image = image
      if options.metadata == .strip { image.metadata = Metadata() }
      if !format.supportsAlpha { image = image.withoutOpaqueAlpha() }
      try check(format, image.size, image.layout, image.metadata)
      return try Codecs.codec(for: format).encode(image, options)
    }
  }

  /// The same file of a picture that is encoded while its samples come, in parts where it is made so.
  ///
  /// - Throws: `ImageFileError`; also where the samples do not come, and with some of them left where the error does not
  ///   depend on them.
  package static func encode(
    _ picture: IncomingPicture, as format: ImageFormat, options: EncodeOptions
  ) throws(ImageFileError) -> EncodedFile {
    // An alpha that is left out has to be looked through first.
    guard format.supportsAlpha || !picture.layout.hasAlpha else {
      let image = try naming(nil) { () throws(ImageFileError.Cause) in try picture.whole(for: format) }
      return EncodedFile(try encode(image, as: format, options: options))
    }
    return try naming(nil) { () throws(ImageFileError.Cause) in
      try options.validate()
      let picture = options.metadata == .strip ? picture.withoutMetadata : picture
      try check(format, picture.size, picture.layout, picture.metadata)
      return try Codecs.codec(for: format).encode(picture, options)
    }
  }
}

// MARK: - Steps

extension ImageFile {
  private static func check(
    _ format: ImageFormat, _ size: Size, _ layout: Image.Layout, _ metadata: Metadata
  ) throws(ImageFileError.Cause) {
    if let no = format.refusal(size: size, layout: layout, metadata: metadata) {
      throw .cannotHold(format, no.problem, advice: no.advice)
    }
  }

  private static func codec(for content: Content) throws(ImageFileError.Cause) -> any Codec.Type {
    if content.isEmpty { throw .empty }
    guard let codec = Codecs.all.first(where: { $0.recognizes(content) }) else { throw .unknownFormat }
    return codec
  }

  private static func header(in content: Content) throws(ImageFileError.Cause) -> ImageHeader {
    let codec = try codec(for: content)
    let stored = try codec.parse(content)
    let (orientation, metadata) = stored.uprightMetadata()
    return ImageHeader(
      format: codec.format, size: orientation.upright(stored.size), layout: stored.layout,
      depth: stored.depth, isLossless: stored.isLossless, isAnimated: stored.isAnimated,
      frames: stored.frames, isCMYK: stored.isCMYK,
      orientation: orientation, metadata: metadata, leftOut: stored.allLeftOut)
  }

  private static func picture(
    in bytes: [UInt8], _ limits: Limits, _ options: ReadOptions
  ) throws(ImageFileError.Cause) -> Image {
    let content = Content(bytes, acceptsDamage: options.acceptsDamage)
    let codec = try codec(for: content)
    var stored = try codec.parse(content)
    stored.acceptsDamage = options.acceptsDamage
    try limits.check(stored)
    if stored.isAnimated && options.animation == .refuse {
      throw .animated(codec.format, frames: stored.frames)
    }
    if stored.isCMYK && options.cmyk == .refuse { throw .cmyk(codec.format) }
    let samples = try codec.decode(bytes, stored)
    let (orientation, metadata) = stored.uprightMetadata()
    let size = orientation.upright(stored.size)
    return Image(
      width: size.width, height: size.height, layout: stored.layout,
      samples: orientation.upright(samples, size: stored.size, channels: stored.layout.channels),
      metadata: metadata)
  }

  private static func load(_ path: [UInt8], _ limits: Limits) throws(ImageFileError) -> [UInt8] {
    try naming(printable(path)) { () throws(ImageFileError.Cause) in
      try FileBytes.read(path: path, limit: limits.maxFileSize)
    }
  }

  private static func naming<Result>(
    _ file: String?, _ body: () throws(ImageFileError.Cause) -> Result
  ) throws(ImageFileError) -> Result {
    do {
      return try body()
    } catch {
      throw ImageFileError(file: file, cause: error)
    }
  }
}
