import Acuity
import ArgumentParser
import Batch
import Folders

/// Where `-o` leads: a folder, or a file in one.
struct Destination: Equatable {
  let folder: [UInt8]
  /// The output's name if it is a file.
  let name: [UInt8]?

  /// A folder if it is one already, ends in a slash, or is needed for more than one file; else a file.
  init(_ output: Path, inputs: [Path], lists: [Path]) throws {
    let slash = UInt8(ascii: "/")
    let isSingle = inputs.count == 1 && lists.isEmpty && (try? Folder(inputs[0].bytes)) == nil
    let (folder, name) = splitPath(output.bytes)
    if (try? Folder(output.bytes)) != nil || output.bytes.last == slash {
      self.init(folder: output.bytes, name: nil)
      return
    }
    guard isSingle else {
      guard !Self.isPicture(name) else {
        throw ValidationError(
          "\(output) is the name of one picture; several go to a folder (end it in / if it is to be one)")
      }
      self.init(folder: output.bytes, name: nil)
      return
    }
    guard RelativePath.isName(name) else {
      throw ValidationError("\(output) is no name for a file; end it in / to have a folder")
    }
    self.init(folder: folder, name: name)
  }

  init(folder: [UInt8], name: [UInt8]?) {
    self.folder = folder
    self.name = name
  }

  private static func isPicture(_ name: [UInt8]) -> Bool {
    guard let path = RelativePath(name) else { return false }
    let ending = String(decoding: path.pathExtension, as: UTF8.self)
    return ImageFormat(named: ending) != nil || NamedFormat.foreignExtensions.contains(ending)
  }

  /// The format that `--format` or the extension of the file or of the pattern of names asks for; nil if none says anything.
  ///
  /// - Throws: `ValidationError` if the two differ, or if the extension is another format's.
  func format(asked: ImageFormat?, pattern: NamePattern?) throws -> ImageFormat? {
    let own = name.flatMap { RelativePath($0) }.map { String(decoding: $0.pathExtension, as: UTF8.self) }
    do {
      return try NamedFormat.of(own ?? pattern?.fixedExtension, asked: asked)
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
