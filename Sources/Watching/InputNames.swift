import Batch
package import Folders
import ImageFiles

/// Which names in a watched folder stand for pictures. A name alone never decides what a file is, only whether to
/// look: downloads in progress (`photo.jpg.part`), lists and notes lie in the same folders.
package enum InputNames {
  /// The endings of the formats that Acuity reads.
  package static let extensions: Set<[UInt8]> = Set(
    ImageFormat.all.flatMap { $0.fileExtensions }.map { Array($0.utf8) })

  /// Neither hidden nor a temporary of ours or of a copying program (`.photo.jpg.Xa3bQ1`), and with the ending of a
  /// picture in whatever case.
  package static func accepts(_ path: RelativePath) -> Bool {
    path.name.first != UInt8(ascii: ".") && extensions.contains(path.pathExtension)
  }

  /// Why a file that is not accepted is worth a word: a photograph in a format that Acuity does not read.
  static func reasonToMention(_ path: RelativePath) -> String? {
    let ending = String(decoding: path.pathExtension, as: UTF8.self)
    guard path.name.first != UInt8(ascii: "."), InputSelection.foreignPhotographs.contains(ending) else {
      return nil
    }
    return "acuity reads no \(ending): convert it to PNG or JPEG"
  }
}
