import Foundation
import Pixels
import TestSupport
import Testing

@testable import ImageFiles

@Suite struct HeaderTests {
  private static func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("acuity-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }

  /// Bytes of the file that its header took.
  private static func bytesRead(_ path: String, _ codec: any Codec.Type) throws -> Int {
    let handle = try #require(FileHandle(forReadingAtPath: path))
    defer { try? handle.close() }
    let size = try handle.seekToEnd()
    let file = LazyFile(descriptor: handle.fileDescriptor, count: Int(size))
    _ = try codec.parse(Content(file))
    #expect(file.failure == nil)
    return file.bytesRead
  }

  private static func image(metadata: Metadata) -> Image {
    var image = TestPicture.noise(width: 700, height: 500, layout: .rgb, depth: 8)
    image.metadata = metadata
    return image
  }

  @Test(arguments: [ImageFormat.png, .jpeg, .webp]) func aLargeFilesHeaderIsReadAlone(format: ImageFormat)
    throws
  {
    let exif = ExifBuilder.block(orientation: 6, width: 700, height: 500)
    for profile in [nil, [UInt8](repeating: 7, count: 300_000)] {
      let image = Self.image(metadata: Metadata(iccProfile: profile, exif: exif, xmp: Array("<x/>".utf8)))
      let bytes = try ImageFile.encode(
        image, as: format, options: EncodeOptions(quality: 100, lossless: true))
      let header = try Self.withFile(bytes) { path in
        if profile == nil || format == .png {
          #expect(try Self.bytesRead(path, Codecs.codec(for: format)) < bytes.count / 2)
        }
        return try ImageFile.header(path)
      }
      #expect(header == (try ImageFile.header(bytes: bytes)))
      #expect(header.size == Size(width: 500, height: 700) && header.orientation == .turnRight)
      #expect(header.metadata.iccProfile == profile)
      #expect(header.metadata.xmp == Array("<x/>".utf8))
    }
  }

  @Test func chunksBehindThePixelsAreFound() throws {
    var builder = PNGBuilder(width: 300, height: 600, depth: 8, color: .rgba) { x, y, c in (x * y + c) & 255 }
    builder.chunksAfter = [("eXIf", ExifBuilder.block(orientation: 8, width: 300, height: 600))]
    let bytes = builder.bytes
    let header = try Self.withFile(bytes) { path in
      #expect(try Self.bytesRead(path, PNGCodec.self) < 100_000)
      return try ImageFile.header(path)
    }
    #expect(header.size == Size(width: 600, height: 300))
    #expect(header == (try ImageFile.header(bytes: bytes)))
  }

  @Test func blocksAreReadRight() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try Self.withFile(bytes) { path in
      let handle = try #require(FileHandle(forReadingAtPath: path))
      defer { try? handle.close() }
      let content = Content(LazyFile(descriptor: handle.fileDescriptor, count: bytes.count))
      for range in [0..<4, 65_530..<65_540, 65_536..<65_537, 70_000..<90_000, 199_990..<200_000, 5..<5] {
        #expect(Array(content[range]) == Array(bytes[range]))
      }
      for position in [0, 65_535, 65_536, 131_071, 199_999] { #expect(content[position] == bytes[position]) }
    }
  }

  @Test func aFileThatShrinksIsNotReady() throws {
    let bytes = [UInt8](repeating: 1, count: 200_000)
    try Self.withFile(bytes) { path in
      let handle = try #require(FileHandle(forUpdatingAtPath: path))
      defer { try? handle.close() }
      let file = LazyFile(descriptor: handle.fileDescriptor, count: bytes.count)
      try handle.truncate(atOffset: 100_000)
      #expect(file.byte(at: 150_000) == 0)
      #expect(file.failure == .changedWhileReading)
    }
  }

  // MARK: - What is no picture file

  @Test func everyOtherKindOfFileIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("acuity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    try Data().write(to: URL(fileURLWithPath: path("empty.png")))
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: path("text.png")))
    #expect(mkfifo(path("pipe.png"), 0o600) == 0)
    for (name, expected) in [
      ("", ImageFileError.Cause.notARegularFile(kind: "a directory")),
      ("pipe.png", .notARegularFile(kind: "a pipe")), ("empty.png", .empty), ("text.png", .unknownFormat),
      ("missing.png", .cannotOpen(errno: ENOENT)),
    ] {
      for isHeader in [false, true] {
        let error = #expect(throws: ImageFileError.self) {
          if isHeader { _ = try ImageFile.header(path(name)) } else { _ = try ImageFile.read(path(name)) }
        }
        #expect(error?.cause == expected)
        #expect(error?.file == path(name))
      }
    }
    #expect(throws: ImageFileError(file: path("text.png"), cause: .fileTooLarge(bytes: 10, limit: 9))) {
      try ImageFile.read(path("text.png"), limits: Limits(maxFileSize: 9))
    }
  }

  @Test(.enabled(if: TemporaryFolder.takesRawNames, "needs a file system whose names are bytes"))
  func namesAreBytes() throws {
    let folder = FileManager.default.temporaryDirectory.path
    let name = Array("\(folder)/acuity-\(UUID().uuidString)-".utf8) + [0xff, 0x1b, 0x5b]
    let bytes = try ImageFile.encode(
      TestPicture.noise(width: 3, height: 2, layout: .gray, depth: 8), as: .png)
    let file = (name + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { fopen($0.baseAddress.unsafelyUnwrapped, "wb") }
    }
    let opened = try #require(file)
    fwrite(bytes, 1, bytes.count, opened)
    fclose(opened)
    defer {
      _ = (name + [0]).withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) { unlink($0.baseAddress.unsafelyUnwrapped) }
      }
    }
    #expect(try ImageFile.read(pathBytes: name).size == Size(width: 3, height: 2))
    let error = #expect(throws: ImageFileError.self) { try ImageFile.read(pathBytes: name + [0x0a]) }
    // What a terminal would obey is escaped.
    #expect(error?.file?.hasSuffix("\\xff\\x1b[\\x0a") == true)
  }
}
