import ArgumentParser
import Batch
import Folders
import ImageFiles

/// The bytes of a file that a command was given.
func readFile(_ path: Path) throws(ImageFileError) -> [UInt8] {
  do {
    return try FileBytes.read(path: path.bytes, limit: Limits().maxFileSize)
  } catch {
    throw ImageFileError(file: "\(path)", cause: error)
  }
}

/// Gives a file its content, whole or not at all, replacing what was there.
func writeFile(_ bytes: [UInt8], to path: Path) throws {
  let (place, name) = try checkPlace(of: path)
  try place.write(bytes, to: name, replacing: true)
}

/// The folder and the name of a file to write, found out before work goes into it.
///
/// - Throws: `CommandFailure` with status 73 where there is no such folder, or something else is in the file's place.
@discardableResult
func checkPlace(of path: Path, makingFolder: Bool = false) throws -> (folder: Folder, name: [UInt8]) {
  let (folder, name) = splitPath(path.bytes)
  guard RelativePath.isName(name) else {
    throw CommandFailure(.cannotCreate, "\(path): is no name for a file; name one")
  }
  let place: Folder
  if makingFolder {
    place = try makeFolder(folder)
  } else {
    do throws(FileError) {
      place = try Folder(folder)
    } catch {
      throw CommandFailure(.cannotCreate, "\(path): \(error); make the folder first")
    }
  }
  if let kind = try place.status(name, followingLinks: true)?.kind, kind != .file {
    throw CommandFailure(.cannotCreate, "\(path) is a \(kind): name a file")
  }
  return (place, name)
}

/// Refuses a picture's ending for a file that is none: a pattern of the shell in the name's place, as in `--out *.png`, would
/// have a photograph replaced.
func checkEnding(of path: Path, option: String, right: String) throws {
  guard RelativePath(splitPath(path.bytes).name)?.looksLikePicture == true else { return }
  throw ValidationError("\(option) \(path) has a picture's ending: let the name end in \(right)")
}

/// A folder for outputs, made with its parents if need be.
///
/// - Throws: `CommandFailure` with status 73, whatever is in the way, unless the disk is full or broken.
func makeFolder(_ path: [UInt8]) throws -> Folder {
  do throws(FileError) {
    let folder = try Folder(path, create: true)
    try folder.checkWritable()
    return folder
  } catch {
    if error.isDiskFull || error.isInputOutput { throw error }
    throw CommandFailure(.cannotCreate, "\(error); name another folder")
  }
}
