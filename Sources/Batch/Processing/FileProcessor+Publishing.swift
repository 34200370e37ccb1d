import Acuity
import Folders
import Ledger

extension FileProcessor {
  /// Holds an encoded output against what was to be made.
  func verify(
    _ bytes: [UInt8], _ output: PlannedFile.Output, label: String, by means: Job.Verification? = nil,
    mayLoseAlpha: Bool
  ) async throws(Failure) {
    let size: Size
    let hasAlpha: Bool
    do throws(ImageFileError) {
      let header = try ImageFile.header(bytes: bytes)
      guard header.format == output.format else {
        throw ImageFileError(file: nil, cause: .encodingFailed(output.format, "it is \(header.format)"))
      }
      (size, hasAlpha) = (header.size, header.layout.hasAlpha)
    } catch {
      throw Failure(
        .input, "\(label): the output is no sound \(output.format) file: \(error)", cause: error.cause)
    }
    let hasLostAlpha = !hasAlpha && output.layout.hasAlpha
    guard size == output.size, mayLoseAlpha || !hasLostAlpha, !hasAlpha || output.layout.hasAlpha else {
      func form(_ size: Size, _ hasAlpha: Bool) -> String {
        "\(size.width)x\(size.height) pixels \(hasAlpha ? "with" : "without") alpha"
      }
      throw Failure(
        .input,
        "\(label): the output has \(form(size, hasAlpha)) instead of \(form(output.size, output.layout.hasAlpha))"
      )
    }
    guard means ?? job.verification == .decode else { return }
    var limits = job.limits
    limits.maxDimension = .max
    let decoded = try await coding(label) { () throws(CodingError) in
      try await coder.decode(bytes, limits: limits, options: ReadOptions())
    }
    guard decoded.size == output.size else {
      throw Failure(
        .input, "\(label): the output does not decode to \(output.size.width)x\(output.size.height)")
    }
  }

  /// Gives the output its name: durable, whole or not at all, and recorded before and after.
  /// `digest` is that of the bytes, and needed where there is a ledger.
  ///
  /// - Returns: the path that it got, which with `rename` may not be the planned one.
  func publish(
    _ bytes: [UInt8], _ digest: SHA256.Digest?, _ order: OutputOrder, of file: PlannedFile,
    status: FileStatus?
  ) throws(Failure) -> RelativePath {
    precondition(digest != nil || ledger == nil)
    // Without a ledger nobody knows whose an output is, and there is nothing to look at first.
    guard ledger != nil, order.isReplacing || job.takesOnlyEqualOutputs else {
      return try place(bytes, digest, order, of: file, status: status)
    }
    return try taking.alone(order.output) { () throws(Failure) in
      try checkOwner(
        of: order.output.path, root: roots[order.output.index],
        key: key(file.input, order.output), content: order.fingerprint?.content)
      return try place(bytes, digest, order, of: file, status: status)
    }
  }

  private func place(
    _ bytes: [UInt8], _ digest: SHA256.Digest?, _ order: OutputOrder, of file: PlannedFile,
    status: FileStatus?
  ) throws(Failure) -> RelativePath {
    let root = roots[order.output.index]
    let key = key(file.input, order.output)
    var attributes = FileAttributes()
    if job.keepsPermissions, let status { attributes.permissions = .exactly(status.permissions & 0o777) }
    if job.keepsModificationTime { attributes.modified = status?.modified }
    var path = order.path
    var number = 0
    var stamp: LedgerEntry.Stamp?
    while true {
      if let ledger, let digest {
        let output = path.bytes
        try attempting { () throws(LedgerError) in try ledger.publish(key, output: output, digest: digest) }
      }
      do throws(FileError) {
        stamp = LedgerEntry.Stamp(
          output: try root.folder(of: path, create: true).write(
            bytes, to: path.name, replacing: order.isReplacing, attributes: attributes))
        break
      } catch {
        if error.isUnfitName {
          throw Failure(.outputName, "\(error): give outputs other names" + job.hint((.name, [])))
        }
        guard error.isExistence else { throw Failure(writing: error) }
        // Another run has made it meanwhile, or it was there.
        let keepsExisting = job.ifExists == .skip || job.ifExists == .verify
        if keepsExisting, root.content(of: path)?.bytes == bytes { break }
        if keepsExisting, job.takesOnlyEqualOutputs { throw strange(path, root: root) }
        guard job.ifExists == .rename else {
          let text = "\(root.location(path)) appeared while its content was being computed"
          // The next run may find it to be the output.
          throw keepsExisting ? Failure(.later, text + ": run again") : Failure(.outputName, text)
        }
        path = try furtherName(of: order.output, after: &number, label: file.input.label)
      }
    }
    if let deliver = job.outputs[order.output.index].deliver { try deliver(bytes) }
    if let ledger {
      try attempting { () throws(LedgerError) in try ledger.finish(key, outputStamp: stamp) }
    }
    return path
  }

  /// The next name of the kind of `photo-1.png` for an output `photo.png`, passing over those that other outputs go by.
  func furtherName(
    of output: PlannedFile.Output, after number: inout Int, label: String
  ) throws(Failure) -> RelativePath {
    let stem = output.path.stem
    let suffix = output.path.name.dropFirst(stem.count)
    while number < 9_999 {
      number += 1
      guard let path = output.path.replacingName(stem + Array("-\(number)".utf8) + suffix) else { break }
      if places.isEmpty || !places.contains(job.place(of: path, output.index)) { return path }
    }
    throw Failure(.outputName, "\(label): no further name for its output")
  }
}
