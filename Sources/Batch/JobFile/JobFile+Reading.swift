import Acuity
import Folders
import Stages
import Yams

extension JobFile {
  /// Reads the job file `path`.
  ///
  /// - Throws: `ReadError`, or `FileError` for its folder; `JobFileError` with the file's name.
  package init(_ path: [UInt8]) throws {
    var (folder, name) = splitPath(path)
    if try Folder(folder).status(name)?.kind == .symbolicLink {
      if let kind = FileStatus(following: path)?.kind, kind != .file {
        throw ReadError.notAFile(path: escaped(path), kind)
      }
      // To where the file is, and what lies beside it.
      (folder, name) = splitPath(realPath(path))
    }
    let bytes = try Folder(folder).read(name, limit: Self.largestFile).bytes
    do {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw JobFileError("it isn't UTF-8 text")
      }
      try self.init(parsing: text, folder: folder)
      self.name = escaped(path)
    } catch var error as JobFileError {
      error.file = escaped(path)
      throw error
    }
  }

  /// Larger ones are no job files.
  static var largestFile: Int64 { 1 << 20 }

  /// Reads a job from its text; relative paths start from `folder`.
  package init(parsing text: String, folder: [UInt8]) throws(JobFileError) {
    let root = JobFileNode(node: try Self.root(of: text), name: "the job")
    let keys = try root.keys(Self.jobKeys)
    let base = folder.last == UInt8(ascii: "/") ? folder : folder + [UInt8(ascii: "/")]
    func path(_ node: JobFileNode) throws(JobFileError) -> [UInt8] {
      let path = Array(try node.text().utf8)
      guard !path.isEmpty else { throw node.error("\(node.name) is an empty path") }
      // It would be a folder of that name, which nobody wants and which is dangerous to remove.
      guard path.first != UInt8(ascii: "~") || (path.count > 1 && path[1] != UInt8(ascii: "/")) else {
        throw node.error(
          "\(node.name): ~ stands for no home folder here; write the whole path, or ./~ for what is called so"
        )
      }
      return path.first == UInt8(ascii: "/") ? path : base + path
    }

    selection = InputSelection(arguments: [])
    for item in keys["inputs"]?.items("path") ?? [] { selection.arguments.append(try path(item)) }
    for item in keys["files-from"]?.items("path") ?? [] { filesFrom.append(try path(item)) }
    guard !selection.arguments.isEmpty || !filesFrom.isEmpty else {
      throw root.error("the job has no inputs; write inputs: [FILE-OR-FOLDER, ...] or files-from: FILE")
    }
    selection.isRecursive = try keys["recursive"]?.boolean() ?? false
    for item in keys["include"]?.items("pattern") ?? [] { selection.include.append(try Self.glob(item)) }
    for item in keys["exclude"]?.items("pattern") ?? [] { selection.exclude.append(try Self.glob(item)) }

    plugIns = []
    for item in keys["plug-ins"]?.items("path") ?? [] { plugIns.append(try path(item)) }
    let common = try keys["stages"].map(Self.stages) ?? []
    outputs = []
    for item in keys["outputs"]?.items("output") ?? [] {
      outputs.append(try Self.output(item, after: common, path: path))
    }
    guard !outputs.isEmpty else {
      throw root.error("the job has no outputs; write outputs: and a list of folders, such as - folder: out")
    }
    self.folder = base

    ifExists = try keys["if-exists"]?.choice(Job.ExistingOutput.self)
    verification = try keys["verify"]?.choice(Job.Verification.self)
    keepsModificationTime = try keys["keep-mtime"]?.boolean() ?? false
    keepsPermissions = try keys["keep-permissions"]?.boolean() ?? false
    threads = try keys["threads"]?.integer(1...1024)
    maxMemory = try keys["max-memory"]?.memory()
    tile = try keys["tile"]?.integer(1...1_000_000)
    if let pixels = try keys["max-pixels"]?.pixelCount() { limits.maxPixels = pixels }
    if let cmyk = try keys["cmyk"]?.choice(ReadOptions.CMYK.self) { reading.cmyk = cmyk }
    if let animation = try keys["animation"]?.choice(ReadOptions.Animation.self) {
      reading.animation = animation
    }
    reading.acceptsDamage = try keys["tolerant"]?.boolean() ?? false
  }

  /// What may stand in a job file.
  package static let jobKeys = [
    "inputs", "files-from", "recursive", "include", "exclude", "plug-ins", "stages", "outputs", "if-exists",
    "verify", "keep-mtime", "keep-permissions", "threads", "max-memory", "tile", "max-pixels", "cmyk",
    "animation", "tolerant",
  ]

  /// What may stand in each of its outputs.
  package static let outputKeys = [
    "folder", "name", "stages", "format", "quality", "png-level", "progressive", "lossless", "metadata",
    "provenance",
  ]

  private static func output(
    _ node: JobFileNode, after common: [LocatedRequest],
    path: (JobFileNode) throws(JobFileError) -> [UInt8]
  ) throws(JobFileError) -> Output {
    let keys = try JobFileNode(node: node.node, name: "an output").keys(outputKeys)
    guard let folder = keys["folder"] else { throw node.error("an output has no folder; write folder: PATH") }
    var encoding = EncodingChoices()
    encoding.quality = try keys["quality"]?.integer(1...100)
    encoding.pngLevel = try keys["png-level"]?.integer(0...9)
    encoding.progressive = try keys["progressive"]?.boolean() ?? false
    encoding.lossless = try keys["lossless"]?.boolean()
    let metadata = try keys["metadata"]?.choice(EncodeOptions.MetadataPolicy.self) ?? .keep
    let provenance = try keys["provenance"]?.boolean() ?? false
    if provenance, metadata == .strip {
      throw (keys["provenance"] ?? node).error(
        "provenance is metadata, which this output strips; leave one of them out")
    }
    let name = try keys["name"].map { node throws(JobFileError) in
      let text = try node.text()
      do { return try NamePattern(text) } catch { throw node.error("\(error)") }
    }
    let asked = try keys["format"].map(format)
    let agreed: ImageFormat?
    do { agreed = try NamedFormat.of(name?.fixedExtension, asked: asked) } catch {
      throw (keys["name"] ?? node).error("\(error)")
    }
    if let agreed, let (choice, reason) = encoding.idleChoice(for: agreed) {
      let name = choice.rawValue
      throw (keys[name] ?? node).error("\(name) \(reason); leave it out, or choose another format")
    }
    return Output(
      root: try path(folder), name: name ?? .same, format: agreed,
      encoding: encoding.options(metadata: metadata), keepsLossless: encoding.keepsLossless,
      recordsProvenance: provenance,
      stages: common + (try keys["stages"].map(stages) ?? []))
  }

  private static func format(_ node: JobFileNode) throws(JobFileError) -> ImageFormat {
    let text = try node.text()
    guard let format = ImageFormat(named: text), format.isWritable else {
      let known = ImageFormat.writable.map(\.name).joined(separator: ", ")
      throw node.error("format is one of \(known), not '\(printable(text))'")
    }
    return format
  }

  private static func glob(_ node: JobFileNode) throws(JobFileError) -> Glob {
    let text = try node.text()
    guard let glob = Glob(text) else {
      throw node.error(
        "'\(printable(text))' is no pattern: a bracket or a backslash is left open, or its "
          + "braces stand for more than a thousand alternatives")
    }
    return glob
  }
}
