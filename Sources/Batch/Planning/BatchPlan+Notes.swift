import Acuity
import Folders
import Stages

/// What the user is told of outputs before they are made.
extension BatchPlan {
  /// Says which outputs are but written anew: who forgets the stages in a job file, or misplaces them, learns it here.
  mutating func noteLackOfStages(_ job: Job) {
    for output in job.outputs where output.stages.steps.isEmpty {
      notes.append("\(escaped(output.root)): no stages, so that its pictures keep their size")
    }
  }

  /// What outputs will have less of than their inputs.
  mutating func noteLosses(_ job: Job) {
    /// The format that can hold what is lost, and how to choose it.
    func home(_ format: ImageFormat) -> String { "\(format) does" + job.hint((.format, ["\(format)"])) }
    noteNarrowing(home(.png))
    noteFormatsLosses(home)
    noteLeftOut()
  }

  /// Says which outputs cannot hold all bits of their inputs: it is what was asked for, but not everybody knows.
  private mutating func noteNarrowing(_ home: String) {
    for format in ImageFormat.writable where !format.supports16Bit {
      let count = files.count { $0.depth == 16 && $0.outputs.contains { $0.format == format } }
      guard count > 0 else { continue }
      notes.append(
        "\(count == 1 ? "1 picture" : "\(count) pictures") of 16 bits a sample will have 8, for \(format) holds no more; "
          + home)
    }
  }

  /// Says what outputs will not say since their format has no place for it. Without some of it they will look otherwise.
  private mutating func noteFormatsLosses(_ home: (ImageFormat) -> String) {
    for format in ImageFormat.writable {
      let outputs = files.flatMap(\.outputs).filter { $0.format == format }
      for loss in Set(outputs.flatMap(\.losses)).sorted(by: { $0.part < $1.part }) {
        note(
          files.filter { $0.outputs.contains { $0.format == format && $0.losses.contains(loss) } },
          "left out, \(loss.part): \(format) has no place for it; \(home(loss.home))")
      }
    }
  }

  /// Says what outputs will lack because their inputs' is damaged or not kept, once for each kind of it.
  private mutating func noteLeftOut() {
    note(
      files.filter { $0.outputs.contains { !$0.saysItsProvenance } },
      "left out, what has made it: its XMP has no RDF that it could be added to, or no room")
    let keepsMetadata = files.filter { $0.outputs.contains { $0.encoding.metadata == .keep } }
    for part in Set(keepsMetadata.flatMap(\.leftOut)).sorted() {
      note(keepsMetadata.filter { $0.leftOut.contains(part) }, "left out, \(part)")
    }
  }

  /// The first file stands for all that it is said of.
  private mutating func note(_ concerned: [PlannedFile], _ text: String) {
    guard let first = concerned.first else { return }
    let more = concerned.count == 1 ? "" : " and \(concerned.count - 1) more"
    notes.append("\(first.input.label)\(more): \(text)")
  }
}
