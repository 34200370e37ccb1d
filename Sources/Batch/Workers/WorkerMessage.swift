import Acuity

/// The messages between a process and its codec worker. Each is a frame of 24 bytes, a head and a body:
///
///     "ACUITY1" | kind | head's length | body's length | head ... | body ...
///      7 bytes   1      8               8
///
/// The body is what may be large: a file's bytes or a picture's samples, in the machine's own byte order; it is
/// written from where it lies and read to where it is used.
struct WorkerFrame: Equatable {
  enum Kind: UInt8 {
    case decode = 1
    case encode
    case picture
    case file
    case refusal
  }

  static let length = 24
  /// Metadata is the largest part of a head.
  static let longestHead = 1 << 30
  private static let mark = Array("ACUITY1".utf8)

  var kind: Kind
  var head: Int
  var body: Int

  init(_ kind: Kind, head: Int, body: Int) {
    (self.kind, self.head, self.body) = (kind, head, body)
  }

  var bytes: [UInt8] {
    var writer = WireWriter()
    writer.append(head)
    writer.append(body)
    return Self.mark + [kind.rawValue] + writer.bytes
  }

  init(_ bytes: [UInt8]) throws(WireError) {
    guard bytes.count == Self.length, bytes.starts(with: Self.mark), let kind = Kind(rawValue: bytes[7])
    else {
      throw WireError()
    }
    var reader = WireReader(Array(bytes[8...]))
    self.kind = kind
    head = try reader.int(0...Self.longestHead)
    body = try reader.int(0...(1 << 40))
  }
}

/// What a request may use up before the system ends the worker.
struct WorkerAllowance: Equatable, Sendable {
  /// Bytes of address space beyond what the worker has when it begins.
  var memory: Int
  /// Seconds of processor time.
  var seconds: Int
}

/// The head of a request to decode; the file is the body.
struct DecodeRequest: Equatable {
  var allowance: WorkerAllowance
  var limits: Limits
  var options: ReadOptions

  var head: [UInt8] {
    var writer = WireWriter()
    writer.append(allowance.memory)
    writer.append(allowance.seconds)
    writer.append(limits)
    writer.append(options)
    return writer.bytes
  }

  init(allowance: WorkerAllowance, limits: Limits, options: ReadOptions) {
    (self.allowance, self.limits, self.options) = (allowance, limits, options)
  }

  init(head: [UInt8]) throws(WireError) {
    var reader = WireReader(head)
    allowance = WorkerAllowance(memory: try reader.int(), seconds: try reader.int())
    limits = try reader.limits()
    options = try reader.readOptions()
    try reader.finish()
  }
}

/// The head of a request to encode; the samples are the body, before them those of the rows that encoding begins with.
struct EncodeRequest: Equatable {
  var allowance: WorkerAllowance
  var format: ImageFormat
  var options: EncodeOptions
  var picture: PictureHead

  var head: [UInt8] {
    var writer = WireWriter()
    writer.append(allowance.memory)
    writer.append(allowance.seconds)
    writer.append(format)
    writer.append(options)
    picture.write(&writer)
    return writer.bytes
  }

  /// Those rows, as ranges of the samples' bytes.
  var ahead: [Range<Int>] {
    let width = picture.byteCount / picture.size.height
    return format.rowsAhead(picture.size, picture.layout, depth: picture.depth, options).map {
      $0.lowerBound * width..<$0.upperBound * width
    }
  }

  var bodyCount: Int { ahead.reduce(picture.byteCount) { $0 + $1.count } }

  init(allowance: WorkerAllowance, format: ImageFormat, options: EncodeOptions, picture: PictureHead) {
    (self.allowance, self.format, self.options, self.picture) = (allowance, format, options, picture)
  }

  init(head: [UInt8]) throws(WireError) {
    var reader = WireReader(head)
    allowance = WorkerAllowance(memory: try reader.int(), seconds: try reader.int())
    format = try reader.format()
    options = try reader.encodeOptions()
    picture = try PictureHead(&reader)
    try reader.finish()
  }
}

/// All of a picture but its samples.
struct PictureHead: Equatable {
  var size: Size
  var layout: Image.Layout
  var depth: Int
  var metadata: Metadata

  init(_ image: Image) {
    (size, layout, depth, metadata) = (image.size, image.layout, image.samples.depth, image.metadata)
  }

  init(_ reader: inout WireReader) throws(WireError) {
    size = Size(width: try reader.int(1...(1 << 31)), height: try reader.int(1...(1 << 31)))
    layout = try reader.layout()
    depth = try reader.int(8...16)
    metadata = try reader.metadata()
    guard depth == 8 || depth == 16,
      size.width.multipliedReportingOverflow(by: 8 * size.height).overflow == false
    else { throw WireError() }
  }

  init(head: [UInt8]) throws(WireError) {
    var reader = WireReader(head)
    try self.init(&reader)
    try reader.finish()
  }

  func write(_ writer: inout WireWriter) {
    writer.append(size.width)
    writer.append(size.height)
    writer.append(layout)
    writer.append(depth)
    writer.append(metadata)
  }

  var head: [UInt8] {
    var writer = WireWriter()
    write(&writer)
    return writer.bytes
  }

  var sampleCount: Int { size.width * size.height * layout.channels }
  var byteCount: Int { sampleCount * (depth / 8) }

  func image(_ samples: Image.Samples) -> Image {
    Image(width: size.width, height: size.height, layout: layout, samples: samples, metadata: metadata)
  }
}
