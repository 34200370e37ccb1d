import Acuity
import ArgumentParser
import Folders

/// Where `-o` leads: a folder, or a file in one.
struct Destination: Equatable {
  let folder: [UInt8]
  /// The output's name if it is a file.
  let name: [UInt8]?

  /// A folder if it is one already, ends in a slash, or is needed for more than one file; else a file.
  init(_ output: Path, inputs: [Path], list: Path?) throws {
    let slash = UInt8(ascii: "/")
    let isSingle = inputs.count == 1 && list == nil && (try? Folder(inputs[0].bytes)) == nil
    if (try? Folder(output.bytes)) != nil || output.bytes.last == slash || !isSingle {
      self.init(folder: output.bytes, name: nil)
      return
    }
    let end = output.bytes.lastIndex(of: slash)
    let name = end.map { Array(output.bytes[($0 + 1)...]) } ?? output.bytes
    guard RelativePath.isName(name) else {
      throw ValidationError("\(output) is no name for a file; end it in / to have a folder")
    }
    let folder = end.map { $0 == 0 ? [slash] : Array(output.bytes[..<$0]) } ?? [UInt8(ascii: ".")]
    self.init(folder: folder, name: name)
  }

  private init(folder: [UInt8], name: [UInt8]?) {
    self.folder = folder
    self.name = name
  }

  /// What the file's extension asks for; nil for a folder, or without an extension that says something.
  var format: ImageFormat? {
    get throws {
      guard let name, let path = RelativePath(name), !path.pathExtension.isEmpty,
        let format = ImageFormat(named: String(decoding: path.pathExtension, as: UTF8.self))
      else { return nil }
      guard format.isWritable else {
        throw ValidationError("acuity only reads \(format); choose another extension, or --format png")
      }
      return format
    }
  }
}
