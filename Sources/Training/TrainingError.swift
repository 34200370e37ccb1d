/// Why training cannot start or go on.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A folder to read pictures from that is missing or cannot be listed.
  case noFolder(String)
  /// No picture of at least a patch's size; why the first of the files cannot be read, if so, and how many pictures
  /// the bound on memory has left out.
  case noPictures(folders: [String], patch: Int, divisor: Int, because: String?, beyondMemory: Int)
  /// A model of a form that the trainer does not have.
  case notTrainable(String, String)
  /// The smaller model cannot become part of the larger one.
  case cannotGrow(String)
  /// The loss, a gradient, a new value or what the network makes of a picture is no number; the batch that did it, if a step did.
  case notFinite(step: Int, rate: Float, batch: [String])
  /// A setting that makes no sense, and what would.
  case invalid(String)
  /// A checkpoint that cannot be continued.
  case checkpoint(file: String, String)

  package var description: String {
    switch self {
    case .noFolder(let reason): "\(reason); name a folder of pictures"
    case .noPictures(let folders, let patch, let divisor, let reason, let beyondMemory):
      "\(folders.joined(separator: ", ")): no picture of at least \(patch)x\(patch) pixels to train on"
        + (divisor > 1 ? " once cut to multiples of \(divisor), as all scales together need" : "")
        + (beyondMemory > 0 ? ", \(beyondMemory) take more memory than --max-memory allows" : "")
        + (reason.map { "; \($0)" } ?? "")
    case .notTrainable(let name, let reason): "\(name) cannot be trained: \(reason)"
    case .cannotGrow(let reason): "the model cannot be grown: \(reason)"
    case .notFinite(let step, let rate, let batch):
      "the training comes to infinite numbers at step \(step), where the rate is \(rate); go on from the best values before "
        + "with --resume and a lower --rate."
        + (batch.isEmpty ? "" : " The batch was:\n  " + batch.joined(separator: "\n  "))
    case .invalid(let text): text
    case .checkpoint(let file, let reason): "\(file): \(reason)"
    }
  }
}
