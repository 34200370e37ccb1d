/// Why training cannot start or go on.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// No picture of at least a patch's size.
  case noPictures(folders: [String], patch: Int)
  /// A model of a form that the trainer does not have.
  case notTrainable(String, String)
  /// The smaller model cannot become part of the larger one.
  case cannotGrow(String)
  /// The loss or a gradient is no number; the batch that did it.
  case notFinite(step: Int, batch: [String])
  /// A setting that makes no sense, and what would.
  case invalid(String)
  /// A checkpoint that cannot be continued.
  case checkpoint(file: String, String)

  package var description: String {
    switch self {
    case .noPictures(let folders, let patch):
      "\(folders.joined(separator: ", ")): no picture of at least \(patch)x\(patch) pixels to train on"
    case .notTrainable(let name, let reason): "\(name) cannot be trained: \(reason)"
    case .cannotGrow(let reason): "the model cannot be grown: \(reason)"
    case .notFinite(let step, let batch):
      "the loss is no longer a number at step \(step); lower the rate. The batch was:\n  "
        + batch.joined(separator: "\n  ")
    case .invalid(let text): text
    case .checkpoint(let file, let reason): "\(file): \(reason)"
    }
  }
}
