import Acuity
import Dispatch
import Folders
import Synchronization

/// Everything that a batch is going to do, known before any pixel is computed.
package struct BatchPlan: Sendable {
  package enum Entry: Sendable {
    case work(PlannedFile)
    case failed(BatchInput, Failure)
    case skipped(BatchInput, String)

    package var input: BatchInput {
      switch self {
      case .work(let file): file.input
      case .failed(let input, _), .skipped(let input, _): input
      }
    }
  }

  /// In the order in which they are begun.
  package var entries: [Entry]
  /// What was left out without being an input.
  package var notes: [String]
  /// The selection led to no picture at all; unlike a part of a batch to which none has fallen.
  package private(set) var isWithoutPictures = false

  package init(entries: [Entry], notes: [String] = []) {
    self.entries = entries
    self.notes = notes
  }

  package var files: [PlannedFile] {
    entries.compactMap { if case .work(let file) = $0 { file } else { nil } }
  }
}

extension BatchPlan {
  /// Finds the inputs, reads their headers and decides every output's name and size.
  ///
  /// Outputs that are there already are noted, those in the output folders that are inputs at the same time are
  /// left out or refused, and so is the whole batch if two outputs would get the same name.
  ///
  /// - Throws: `Failure` with culprit `.usage` for a batch that must not begin.
  /// - Complexity: the header of each file is read once, also of those that are not of the part: an output of another part must
  ///   not be taken for an input of this one, nor one's name for free.
  package init(
    _ selection: InputSelection, job: Job, shard: Shard? = nil,
    isCancelled: (@Sendable () -> Bool)? = nil
  ) async throws(Failure) {
    var selection = selection
    selection.outputRoots += job.outputs.map(\.root)
    let complete = selection
    self = try await offloaded { () throws(Failure) in
      let (found, notes) = try complete.find()
      let roots = job.outputs.map { try? Folder($0.root) }
      let planned = Self.planned(found, job, roots, isCancelled)
      var plan = BatchPlan(entries: planned.map(\.entry), notes: notes)
      plan.skipRepeats(planned.map(\.identity))
      try plan.separateOutputsFromInputs(planned)
      try plan.refuseCollisions(roots, at: job.outputs.map { realPath($0.root) })
      if let shard { plan.keep(shard) }
      plan.noteNarrowing()
      plan.noteColorLoss()
      plan.noteLeftOut()
      let onlySkips = plan.entries.allSatisfy { if case .skipped = $0 { true } else { false } }
      plan.isWithoutPictures = found.isEmpty || (shard == nil && onlySkips)
      return plan
    }
  }

  private struct Planned: Sendable {
    var entry: Entry
    /// Of the input file.
    var identity: FileStatus.Identity?
    /// Whether the user has named it, instead of a folder that it lies in.
    var isNamed = false
  }

  /// Those of `found` that were come to before it was cancelled.
  private static func planned(
    _ found: [FoundInput], _ job: Job, _ roots: [Folder?], _ isCancelled: (@Sendable () -> Bool)?
  ) -> [Planned] {
    let results = Mutex([Planned?](repeating: nil, count: found.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(max(1, found.count), 2 * coreCount())) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < found.count, isCancelled?() != true else { return }
        let planned = Self.planned(found[index], job, roots)
        results.withLock { $0[index] = planned }
      }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }

  private static func planned(_ found: FoundInput, _ job: Job, _ roots: [Folder?]) -> Planned {
    switch found {
    case .refused(let input, let failure): return Planned(entry: .failed(input, failure))
    case .skipped(let input, let reason): return Planned(entry: .skipped(input, reason))
    case .file(let input, let isNamed):
      var identity: FileStatus.Identity?
      do throws(Failure) {
        let (header, status) = try input.header(limits: job.limits, options: job.reading)
        identity = status.identity
        var file = try job.plan(input, header.get(), byteCount: Int(status.size))
        try file.checkMemory(limit: job.maxMemory)
        for index in file.outputs.indices {
          let path = file.outputs[index].path
          let folder = try? roots[index]?.folder(path.folder)
          file.outputs[index].existing = (try? folder?.status(path.name))??.identity
        }
        return Planned(entry: .work(file), identity: identity, isNamed: isNamed)
      } catch {
        // Folders hold other things than pictures; those are no failures unless they pretend to be one.
        let isStranger =
          switch error.cause {
          case .unknownFormat, .empty, .fileTooLarge: true
          default: false
          }
        if isStranger, !isNamed, !input.path.looksLikePicture {
          return Planned(entry: .skipped(input, "no picture"), identity: identity, isNamed: isNamed)
        }
        return Planned(entry: .failed(input, error), identity: identity, isNamed: isNamed)
      }
    }
  }

  // MARK: Outputs among the inputs, and twice the same

  /// A file that was named twice, as by a pattern and by itself, is one input.
  private mutating func skipRepeats(_ identities: [FileStatus.Identity?]) {
    var seen: [FileStatus.Identity: Set<RelativePath>] = [:]
    for (index, identity) in identities.enumerated() {
      guard let identity, case .work(let file) = entries[index] else { continue }
      if !seen[identity, default: []].insert(file.input.path).inserted {
        entries[index] = .skipped(file.input, "it was named before")
      }
    }
  }

  /// An input found in a folder that is at the same time the output of another is what an earlier run has left, no
  /// input. Any other output in an input's place would destroy it.
  private mutating func separateOutputsFromInputs(_ planned: [Planned]) throws(Failure) {
    var inputs: [FileStatus.Identity: Int] = [:]
    for (index, file) in planned.enumerated() { if let identity = file.identity { inputs[identity] = index } }
    for (index, entry) in entries.enumerated() {
      guard case .work(let file) = entry else { continue }
      for output in file.outputs {
        guard let existing = output.existing, let other = inputs[existing] else { continue }
        let victim = entries[other].input
        guard other != index, !planned[other].isNamed else {
          throw Failure(
            .usage,
            "the output of \(file.input.label) would take the place of the input \(victim.label): choose "
              + "another output folder, or a name such as --name '{stem}_{scale}x.{ext}'")
        }
        entries[other] = .skipped(victim, "\(victim.label) is the output of \(file.input.label)")
      }
    }
  }

  /// Says which outputs cannot hold all bits of their inputs: it is what was asked for, but not everybody knows.
  private mutating func noteNarrowing() {
    for format in ImageFormat.writable where !format.supports16Bit {
      let count = files.count { $0.depth == 16 && $0.outputs.contains { $0.format == format } }
      guard count > 0 else { continue }
      notes.append(
        "\(count == 1 ? "1 picture" : "\(count) pictures") of 16 bits a sample will have 8, for \(format) holds no more; "
          + "png does (--format png)")
    }
  }

  /// Says what outputs will not say of their colours, since their format has no place for it: they will look otherwise.
  private mutating func noteColorLoss() {
    let losses = files.flatMap { file in file.outputs.map { (file, $0.format, $0.colorLoss) } }
    for format in ImageFormat.writable {
      for part in Set(losses.compactMap { $0.1 == format ? $0.2 : nil }).sorted() {
        let concerned = losses.filter { $0.1 == format && $0.2 == part }
        let more = concerned.count == 1 ? "" : " and \(concerned.count - 1) more"
        notes.append(
          "\(concerned[0].0.input.label)\(more): left out, \(part): \(format) has no place for it; png does (--format png)"
        )
      }
    }
  }

  /// Says what outputs will lack because their inputs' is damaged, once for each kind of damage.
  private mutating func noteLeftOut() {
    let keepsMetadata = files.filter { file in file.outputs.contains { $0.encoding.metadata == .keep } }
    for part in Set(keepsMetadata.flatMap(\.leftOut)).sorted() {
      let concerned = keepsMetadata.filter { $0.leftOut.contains(part) }
      let more = concerned.count == 1 ? "" : " and \(concerned.count - 1) more"
      notes.append("\(concerned[0].input.label)\(more): left out, \(part)")
    }
  }

  private mutating func keep(_ shard: Shard) {
    let all = entries.count
    entries.removeAll { !shard.contains($0.input.path) }
    notes.append("part \(shard.number) of \(shard.count): \(entries.count) of \(all) files")
  }

  /// `paths` are those of the output folders, which need not be there yet, and may lie in one another.
  private func refuseCollisions(_ roots: [Folder?], at paths: [[UInt8]]) throws(Failure) {
    let files = files
    func both(_ other: Int, _ index: Int) -> String {
      let label = files[index].input.label
      return other == index ? "two outputs of \(label)" : "\(files[other].input.label) and \(label)"
    }
    var exact: [[UInt8]: Int] = [:]
    var folded: [String: (file: Int, path: RelativePath)] = [:]
    var foldsCase: [Int: Bool] = [:]
    var collisions: [String] = []
    for (index, file) in files.enumerated() {
      for output in file.outputs {
        let key = paths[output.index] + [UInt8(ascii: "/")] + output.path.bytes
        let text = String(decoding: key, as: UTF8.self).lowercased()
        if let other = exact.updateValue(index, forKey: key) {
          collisions.append("\(both(other, index)) -> \(escaped(key))")
        } else if let other = folded.updateValue((index, output.path), forKey: text),
          let root = roots[output.index]
        {
          let folds = foldsCase[output.index] ?? root.ignoresLetterCase
          foldsCase[output.index] = folds
          if folds {
            collisions.append(
              "\(both(other.file, index)) -> \(other.path) and \(output.path), which are one name on this file system"
            )
          }
        }
      }
    }
    guard !collisions.isEmpty else { return }
    let more = collisions.count > 5 ? "\n  and \(collisions.count - 5) more" : ""
    throw Failure(
      .usage,
      "several outputs would be the same file:\n  "
        + collisions.prefix(5).joined(separator: "\n  ") + more
        + "\nchoose names that tell them apart, such as '{name}.{ext}' for inputs or '{stem}_{scale}x.{ext}' for sizes, "
        + "or separate folders")
  }
}
