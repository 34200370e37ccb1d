import Acuity
import Folders

/// Which files a batch is about, as the user says it.
package struct InputSelection: Sendable {
  /// Files and folders, as bytes.
  package var arguments: [[UInt8]]
  /// Further files and folders, from a list. Relative ones keep their folders in the output; absolute ones only their name, or
  /// their place below a folder that was listed before them, as `find` does.
  package var listed: [[UInt8]] = []
  /// Files that come in another way than by their name.
  package var ready: [BatchInput] = []
  /// Whether folders below a folder are entered.
  package var isRecursive = false
  /// If not empty, a file found in a folder must match one of them.
  package var include: [Glob] = []
  /// A file or folder found in a folder must match none of them.
  package var exclude: [Glob] = []
  /// Folders that are never entered: the outputs' own.
  package var outputRoots: [[UInt8]] = []

  package init(arguments: [[UInt8]]) {
    self.arguments = arguments
  }

  /// Extensions of photographs in formats that Acuity does not read, cameras' raw ones included. Who asks for a folder of
  /// photographs is told of each of them that it has no output.
  package static let foreignPhotographs: Set<String> = [
    "avif", "avifs", "gif", "heic", "heics", "heif", "heifs", "hif",
    "j2k", "jp2", "jpf", "jpx", "jxl", "tif", "tiff",
    // Raw.
    "3fr", "arw", "cr2", "cr3", "crw", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos",
    "mrw", "nef", "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
  ]
}

/// Something that the selection led to.
package enum FoundInput: Sendable {
  /// A file; named by the user, or found in a folder.
  case file(BatchInput, isNamed: Bool)
  /// Something that the user has named and that cannot be an input.
  case refused(BatchInput, Failure)
  /// Something in a folder that looks like a picture and is none to read.
  case skipped(BatchInput, String)
}

extension InputSelection {
  /// What there is, in the order of the arguments and, within a folder, of the names' bytes; and what was left
  /// out without being an input, for people; `spelling` is how they ask for more.
  package func find(
    spelling: JobSetting.Spelling = { _, _ in nil }
  ) throws(Failure) -> (found: [FoundInput], notes: [String]) {
    let roots = outputRoots.compactMap { try? Folder($0).identity }
    var walk = Walk(selection: self, roots: roots, patterns: spelling(.include, []))
    for argument in arguments { try walk.enter(argument) }
    for path in listed { try walk.enter(listed: path) }
    walk.found += ready.map { .file($0, isNamed: true) }
    var notes: [String] = []
    let closedFolders = walk.closedFolders.subtracting(walk.listedFolders.values).count
    if closedFolders > 0 {
      let isOne = closedFolders == 1
      notes.append(
        (isOne ? "1 folder below was not entered" : "\(closedFolders) folders below were not entered")
          + (spelling(.recursive, ["true"]).map { " (\($0) enters \(isOne ? "it" : "them"))" } ?? ""))
    }
    if walk.found.isEmpty, walk.leftOut > 0 {
      let names = [JobSetting.include, .exclude].compactMap { spelling($0, []) }
      notes.append(
        "\(walk.leftOut) \(walk.leftOut == 1 ? "file is" : "files are") left out by patterns"
          + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
          + ", which tell capital letters from small ones; a path in one begins below the folder that is named"
      )
    }
    if walk.linkedFolders > 0 {
      notes.append(
        walk.linkedFolders == 1
          ? "1 link to a folder was not followed (name it as an input to have its pictures)"
          : "\(walk.linkedFolders) links to folders were not followed (name them as inputs to have their pictures)"
      )
    }
    return (walk.found, notes)
  }
}

private struct Walk {
  let selection: InputSelection
  let roots: [FileStatus.Identity]
  /// How the user chooses among a folder's files by patterns.
  let patterns: String?
  var found: [FoundInput] = []
  var closedFolders: Set<FileStatus.Identity> = []
  var linkedFolders = 0
  /// Files that the patterns leave out.
  var leftOut = 0
  /// Folders that the list has named, by the components of their paths; an absolute one's begin with an empty one.
  var listedFolders: [[[UInt8]]: FileStatus.Identity] = [:]

  /// A file or folder that the user has named.
  mutating func enter(_ argument: [UInt8]) throws(Failure) {
    if let folder = Self.folder(argument) {
      do throws(FileError) {
        try list(Tree(root: folder), below: nil, in: folder)
      } catch {
        throw Failure(reading: .failed(error))
      }
      return
    }
    try add(
      named: argument,
      as: argument.split(separator: UInt8(ascii: "/")).last.map { RelativePath(Array($0)) } ?? nil)
  }

  /// A line of the list.
  mutating func enter(listed path: [UInt8]) throws(Failure) {
    let slash = UInt8(ascii: "/")
    let parts = Self.parts(of: path)
    let components = path.first == slash ? [[]] + parts : parts
    let place = place(of: components)
    if let folder = Self.folder(path) {
      listedFolders[components] = folder.identity
      do throws(FileError) {
        return try list(Tree(root: folder, place: place), below: nil, in: folder)
      } catch {
        throw Failure(reading: .failed(error))
      }
    }
    guard let known = place ?? parts.last.flatMap({ RelativePath($0) }) else {
      return try add(named: path, as: nil)
    }
    guard isSelected(known) else {
      leftOut += 1
      return
    }
    try add(named: path, as: known)
  }

  /// Without detours: `find .` begins its lines with "./", `find photos//` doubles the slash, and other programs write "a/../b".
  private static func parts(of path: [UInt8]) -> [[UInt8]] {
    let dot = UInt8(ascii: ".")
    return path.split(separator: UInt8(ascii: "/")).map(Array.init).reduce(into: []) { parts, part in
      if part == [dot] { return }
      if part == [dot, dot], let last = parts.last, last != [dot, dot] {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
  }

  /// Where in the output's tree a path of the list belongs; nil for nowhere but directly below it.
  private func place(of components: [[UInt8]]) -> RelativePath? {
    func joined(_ components: some Sequence<[UInt8]>) -> RelativePath? {
      RelativePath(Array(components.joined(separator: [UInt8(ascii: "/")])))
    }
    if let path = joined(components) { return path }
    let above = components.indices.first { listedFolders[Array(components.prefix($0))] != nil }
    return above.flatMap { joined(components.dropFirst($0)) }
  }

  private mutating func add(named argument: [UInt8], as path: RelativePath?) throws(Failure) {
    let label = escaped(argument)
    // The user's own links are followed, to where the bytes are.
    let (folder, name) = splitPath(realPath(argument))
    guard let path, RelativePath.isName(name) else {
      throw Failure(.usage, "'\(label)' is no name of a file or folder")
    }
    let input = BatchInput(name, inFolderNamed: folder, path: path, label: label)
    // Also of a name such as /dev/fd/63, whose link leads to no name.
    let kind = FileStatus(following: argument)?.kind
    if kind == .fifo {
      found.append(
        .refused(input, Failure(.unreadable, "\(label) is a pipe: give its content by standard input (-)")))
    } else if kind == nil, (try? Folder(folder).status(name))?.kind == .symbolicLink {
      found.append(.refused(input, Failure(.unreadable, "\(label) is a link that leads to no file")))
    } else if kind == nil, argument.contains("://".utf8) {
      let remedy = "fetch what it leads to, and name that file, or give it by standard input (-)"
      found.append(.refused(input, Failure(.unreadable, "\(label) is an address, no file: \(remedy)")))
    } else if kind == nil, argument.contains(where: "*?".utf8.contains) {
      // A shell would have put the names in its place, which it does neither in quotes nor where there are none.
      let remedy =
        "name the folder, and choose among its files by patterns" + (patterns.map { " (\($0))" } ?? "")
      found.append(
        .refused(input, Failure(.unreadable, "\(label): there is no file of this name: \(remedy)")))
    } else {
      found.append(.file(input, isNamed: true))
    }
  }

  /// A folder that was named, and what it is called in the output's tree; nil: nothing, only what lies in it has a name.
  private struct Tree {
    let root: Folder
    var place: RelativePath?

    func place(of path: RelativePath) -> RelativePath? {
      guard let place else { return path }
      return RelativePath(place.bytes + [UInt8(ascii: "/")] + path.bytes)
    }
  }

  /// What lies in `folder`, which is at `path` in the tree.
  private mutating func list(
    _ tree: Tree, below path: RelativePath?, in folder: Folder
  ) throws(FileError) {
    for name in try folder.names() where !TemporaryName.matches(name) {
      guard let below = path.map({ $0.appending(name) }) ?? RelativePath(name),
        let own = tree.place(of: below)
      else { continue }
      let input = BatchInput(below, below: tree.root, as: own)
      let status = try folder.status(name)
      switch status?.kind {
      case .file:
        if isSelected(own) { found.append(.file(input, isNamed: false)) } else { leftOut += 1 }
      case .folder:
        if selection.exclude.contains(where: { $0.matches(own.bytes) }) { continue }
        if let identity = status?.identity, roots.contains(identity) { continue }
        guard selection.isRecursive else {
          if let identity = status?.identity { closedFolders.insert(identity) }
          continue
        }
        do throws(FileError) {
          let inner = try folder.folder(RelativePath(name))
          try list(tree, below: below, in: inner)
        } catch {
          found.append(.refused(input, Failure(reading: .failed(error))))
        }
      case .symbolicLink where (try? folder.status(name, followingLinks: true))?.kind == .folder:
        if !selection.exclude.contains(where: { $0.matches(own.bytes) }) { linkedFolders += 1 }
      case let kind?:
        guard isSelected(own), Self.looksLikePicture(own) else { continue }
        let remedy = kind == .symbolicLink ? ": name it as an input to have its picture" : ""
        found.append(.skipped(input, "a \(kind), not a regular file\(remedy)"))
      case nil:
        continue
      }
    }
  }

  private func isSelected(_ path: RelativePath) -> Bool {
    (selection.include.isEmpty || selection.include.contains { $0.matches(path.bytes) })
      && !selection.exclude.contains { $0.matches(path.bytes) }
  }

  static func looksLikePicture(_ path: RelativePath) -> Bool {
    // A Mac leaves `._photo.jpg` beside `photo.jpg` on disks of other systems.
    if path.name.starts(with: Array("._".utf8)) { return false }
    let ending = String(decoding: path.pathExtension, as: UTF8.self)
    return ImageFormat(named: ending) != nil || InputSelection.foreignPhotographs.contains(ending)
  }

  /// Nil if the path does not lead to a folder that can be opened.
  private static func folder(_ path: [UInt8]) -> Folder? {
    path.contains(0) ? nil : try? Folder(path)
  }
}

extension RelativePath {
  /// Whether the name's extension is that of a picture.
  package var looksLikePicture: Bool { Walk.looksLikePicture(self) }
}
