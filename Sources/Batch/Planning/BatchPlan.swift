import Acuity
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
  /// With `rename`, where all outputs go by their own names, also those of other parts of the batch; see
  /// `FileProcessor.places`.
  private(set) var places: Set<[UInt8]> = []

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
      let (found, notes) = try complete.find(spelling: job.spelling)
      let roots = job.outputs.map { try? Folder($0.root) }
      let planned = Self.planned(found, job, roots, isCancelled)
      var plan = BatchPlan(entries: planned.map(\.entry), notes: notes)
      plan.skipRepeats(planned.map(\.identity))
      try plan.separateOutputsFromInputs(planned, job)
      try plan.refuseCollisions(at: job.outputs.map { realPath($0.root) })
      if job.ifExists == .rename {
        plan.places = Set(plan.files.flatMap(\.outputs).map { job.place(of: $0.path, $0.index) })
      }
      if let shard { plan.keep(shard) }
      plan.noteLackOfStages(job)
      plan.noteLosses(job)
      let onlySkips = plan.entries.allSatisfy { if case .skipped = $0 { true } else { false } }
      plan.isWithoutPictures = found.isEmpty || (shard == nil && onlySkips)
      return plan
    }
  }

  struct Planned: Sendable {
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
    // More than there are cores, whatever the threads for computing: they wait for the disk.
    share(found.count, among: 2 * coreCount()) { index, _ in
      if isCancelled?() == true { return }
      let planned = Self.planned(found[index], job, roots)
      results.withLock { $0[index] = planned }
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
        let (header, status) = try input.header(for: job)
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
          return Planned(
            entry: .skipped(input, "no picture in a format that Acuity reads"), identity: identity,
            isNamed: isNamed)
        }
        return Planned(entry: .failed(input, error), identity: identity, isNamed: isNamed)
      }
    }
  }

  private mutating func keep(_ shard: Shard) {
    let all = entries.count
    entries.removeAll { !shard.contains($0.input.path) }
    notes.append("part \(shard.number) of \(shard.count): \(entries.count) of \(all) files")
  }
}
