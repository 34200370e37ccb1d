import Acuity

/// What happens in a batch, in the order in which it happens; `file` is the entry's index in the plan.
package enum BatchEvent: Sendable {
  case began(BatchPlan)
  case started(file: Int)
  /// The share of the file's computing that is done, 0...1.
  case progress(file: Int, share: Double)
  case finished(file: Int, FileOutcome)
  /// The run will end before its work is done.
  case stopping(reason: String)
}
