import ArgumentParser
import Batch
import Folders
import Foundation

/// Which of the files that were named or found are inputs.
struct SelectionOptions: ParsableArguments {
  @Flag(
    name: .shortAndLong,
    help:
      "Enter folders in folders, hidden ones too unless --exclude '.*' is given; the output mirrors the tree."
  )
  var recursive = false

  @Option(
    help: ArgumentHelp(
      "Take only files in folders that match, as '*.{jpg,png}'; may be given several times. * and ? stay within a "
        + "name, ** crosses folders; a pattern with a / is held against the path below the folder that is named, one "
        + "without against the name alone.", valueName: "glob"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out files and folders that match.", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Read further inputs from a file, or from standard input (-): one a line, or with zero bytes between them; may be "
        + "given several times.", valueName: "file"))
  var filesFrom: [Path] = []

  func validate() throws {
    for pattern in include + exclude where Glob(pattern) == nil {
      throw ValidationError(
        "'\(Text.safe(pattern))' is no pattern; a [ needs its ], a \\ something after it, and braces may "
          + "stand for a thousand alternatives")
    }
  }

  func selection(_ arguments: [Path]) throws -> InputSelection {
    var selection = InputSelection(arguments: arguments.map(\.bytes))
    selection.isRecursive = recursive
    selection.include = include.compactMap { Glob($0) }
    selection.exclude = exclude.compactMap { Glob($0) }
    selection.listed = try filesFrom.flatMap(Self.list)
    return selection
  }

  /// The names in a list: one a line, or with zero bytes between them. Lines may end as they do on Windows, if all do.
  static func list(_ path: Path) throws -> [[UInt8]] {
    // Of ten million names.
    let limit = 1 << 30
    var bytes: [UInt8]
    do throws(FileError) {
      if path.bytes == [UInt8(ascii: "-")] {
        bytes = try Descriptor.read(STDIN_FILENO, name: "standard input", limit: limit)
      } else {
        let descriptor = try Descriptor.openForReading(path.bytes)
        defer { close(descriptor) }
        bytes = try Descriptor.read(descriptor, name: "\(path)", limit: limit)
      }
    } catch {
      throw CommandFailure(.unreadable, "\(error)")
    }
    guard bytes.count <= limit else {
      throw CommandFailure(.unreadable, "\(path): a list of more than \(limit) bytes: divide it")
    }
    // Every other byte is zero there, so that each letter would be a name, among them `.` and `/`.
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]), bytes.contains(0) {
      throw CommandFailure(
        .unreadable, "\(path): the list is in UTF-16, as PowerShell writes it by '>': write it in UTF-8")
    }
    // The mark that editors on Windows begin a file with.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    if bytes.contains(0) { return bytes.split(separator: 0).map(Array.init) }
    let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    let lines = bytes.split(separator: newline)
    // The last line may have no end at all, which says nothing unless it is the only one.
    let ended = bytes.last == newline || lines.count == 1 ? lines : lines.dropLast()
    let isFromWindows = ended.allSatisfy { $0.last == carriageReturn }
    return lines.map { Array(isFromWindows && $0.last == carriageReturn ? $0.dropLast() : $0) }
      .filter { !$0.isEmpty }
  }
}
