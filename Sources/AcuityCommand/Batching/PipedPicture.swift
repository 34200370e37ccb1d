import Acuity
import ArgumentParser
import Batch
import Folders
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A picture that comes by standard input or leaves by standard output, written `-` in the place of a file.
///
/// It passes through a private folder, so that what holds for files holds for it: nothing leaves that is not whole and
/// verified. The folder is there from the end of standard input to that of the command, however the command ends.
final class PipedPicture {
  static let mark = Path([UInt8(ascii: "-")])

  private static let inputName = "stdin"
  private static let outputName = Array("stdout".utf8)

  private let path: String
  private let isInput: Bool
  private let isOutput: Bool

  /// Nil if neither an input nor the output is a `-`.
  ///
  /// - Throws: `ValidationError` if the two streams would have to carry more than a picture each.
  init?(inputs: [Path], output: Path, lists: [Path]) throws {
    isInput = inputs.contains(Self.mark)
    isOutput = output == Self.mark
    guard isInput || isOutput else { return nil }
    if isInput, (inputs + lists).filter({ $0 == Self.mark }).count > 1 {
      throw ValidationError("standard input (-) is one picture or one list")
    }
    if isOutput, inputs.count != 1 || !lists.isEmpty || (!isInput && (try? Folder(inputs[0].bytes)) != nil) {
      throw ValidationError("standard output (-o -) takes one picture; name a folder for several")
    }
    if isInput, isatty(STDIN_FILENO) == 1 {
      throw ValidationError("standard input is a terminal; give it a picture: acuity upscale - < photo.jpg")
    }
    if isOutput, isatty(STDOUT_FILENO) == 1 {
      throw ValidationError(
        "standard output is a terminal; lead it elsewhere: acuity upscale ... -o - > large.jpg")
    }
    path = FileManager.default.temporaryDirectory.path + "/acuity-\(UUID().uuidString)"
  }

  deinit {
    Self.remove(path)
  }

  /// Also while another thread may still be writing there.
  private static func remove(_ path: String) {
    for _ in 0..<10 where FileManager.default.fileExists(atPath: path) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Where the output goes; nil if that is elsewhere.
  var destination: Destination? {
    isOutput ? Destination(folder: Array(path.utf8), name: Self.outputName) : nil
  }

  /// Reads standard input to its end, if the picture comes from there, and makes the folder.
  /// - Returns: the picture's place in it; nil if the picture is elsewhere.
  func begin(limit: Int) throws -> BatchInput? {
    Interrupts.install()
    let bytes = isInput ? try Self.standardInput(limit: limit) : []
    try Interrupts.beforeEndingOnTheSpot { [path] in Self.remove(path) }
    do throws(FileError) {
      return try makeFolder(holding: bytes)
    } catch {
      throw CommandFailure(
        ExitStatus(error),
        "\(error): a picture of standard input or output passes through a folder of its own: set TMPDIR to where one "
          + "can be")
    }
  }

  private func makeFolder(holding bytes: [UInt8]) throws(FileError) -> BatchInput? {
    guard mkdir(path, 0o700) == 0 else { throw FileError(.createFolder, path) }
    guard isInput, let name = RelativePath(Self.inputName) else { return nil }
    let folder = Array(path.utf8)
    try Folder(folder).write(bytes, to: name.bytes, replacing: false)
    var input = BatchInput(name.bytes, inFolderNamed: folder, path: name, label: "standard input")
    input.isTemporary = true
    return input
  }

  private static func standardInput(limit: Int) throws -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Descriptor.read(
        STDIN_FILENO, name: "standard input", limit: limit, isCancelled: { Interrupts.areRaised })
    } catch {
      throw CommandFailure(.unreadable, "\(error)")
    }
    try Interrupts.check()
    guard bytes.count <= limit else {
      throw CommandFailure(
        .unreadable, "standard input: has more than the \(limit) bytes that a picture may have")
    }
    return bytes
  }

  /// Has the finished output written to standard output, if it goes there.
  func lead(_ output: inout Job.Output) {
    guard isOutput else { return }
    output.label = "standard output"
    output.deliver = { (bytes) throws(Failure) in
      do throws(FileError) {
        try Descriptor.write(bytes, to: StandardOutput.descriptor, name: "standard output")
      } catch {
        throw Failure(delivering: error)
      }
    }
  }
}
