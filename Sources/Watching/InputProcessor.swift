package import Folders
package import Ledger

/// What makes outputs of inputs: a whole file at a time, from the bytes that are read to the output that is durable,
/// with every step in the ledger.
package protocol InputProcessor: Sendable {
  /// SHA-256 of the weights, and of every option that decides an output's bytes: as in the ledger.
  var model: SHA256.Digest { get }
  var options: SHA256.Digest { get }

  /// Processes the file `path` below `root`, which has been seen to stay the same for `quiet`. Called for several files at a
  /// time, from threads that may be kept busy.
  func process(
    _ path: RelativePath, below root: Folder, unchangedFor quiet: Duration, course: WorkCourse
  ) async -> Outcome
}

/// How the work on a file is followed and stopped.
package struct WorkCourse: Sendable {
  /// Called often, with the share that is done.
  package let progress: @Sendable (Double) -> Void
  /// Asked often while there is work; soon after it says so, the file is given back to the ledger untouched.
  package let isCancelled: @Sendable () -> Bool
  /// Called with true when the file begins to wait for what other files use, and with false when it has it.
  package let waits: @Sendable (Bool) -> Void

  package init(
    progress: @escaping @Sendable (Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false },
    waits: @escaping @Sendable (Bool) -> Void = { _ in }
  ) {
    self.progress = progress
    self.isCancelled = isCancelled
    self.waits = waits
  }
}

/// What has become of an input, in terms of what the watcher is to do next.
package enum Outcome: Sendable, Equatable {
  /// Its output is there: made now, or found to be there already.
  case done
  /// It does not decode to its end. It is looked at again when it changes.
  case incomplete(String)
  /// It may have gaps that are still to be filled. It is looked at again when it changes, and after that time.
  case unfinished(String, for: Duration)
  /// It changed while it was read, or is gone.
  case changed
  /// Its content's fault: counted in the ledger, and tried again a few times.
  case failed(String)
  /// It cannot be done as things are, for its output's name is taken or a limit is in the way: tried again a few times, and
  /// then by the next run, or when somebody touches it.
  case refused(String)
  /// An earlier run has given this content up.
  case givenUp(String)
  /// An earlier run was ended over this content too often; it is tried again after that time.
  case held(String, for: Duration)
  /// Not its fault, whatever it was: tried again as often as need be.
  case unavailable(String)
  /// No space is left for the output or the ledger.
  case diskFull(String)
  /// Given back because the watcher stops.
  case released
}
