package import Folders
import Ledger

/// One of `count` parts of a batch, so that as many machines share the work without talking to one another.
///
/// A file's part follows from its path without the extension, so that it never depends on what else is there.
package struct Shard: Sendable, Equatable {
  /// 1...count.
  package let number: Int
  package let count: Int

  /// nil unless `number` is in 1...count.
  package init?(_ number: Int, of count: Int) {
    guard count >= 1, (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// A text for people: what was wrong with a shard.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// `i/n` with i from 1 to n; `auto` and `auto/n` take i, and n if it is not given, from the variables that
  /// Kubernetes (JOB_COMPLETION_INDEX, JOB_COMPLETIONS), AWS Batch (AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ARRAY_SIZE) or Slurm
  /// (SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_MIN, SLURM_ARRAY_TASK_MAX, SLURM_ARRAY_TASK_STEP, SLURM_ARRAY_TASK_COUNT) sets for a
  /// member of an array job. An array that leaves out members, or has another number of them than n, is refused.
  package init(_ text: String, environment: [String: String]) throws(Malformed) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) {
      guard let shard = Shard(number, of: count) else {
        throw Malformed(description: "the shard \(text) does not exist: of n parts there are 1/n to n/n")
      }
      self = shard
      return
    }
    guard parts.first == "auto", parts.count == 1 || (parts.count == 2 && Int(parts[1]) != nil) else {
      throw Malformed(description: "'\(escaped(text.utf8))' is no shard; write 2/8, auto or auto/8")
    }
    guard let array = Self.arrayJob(environment) else {
      throw Malformed(
        description: "--shard auto needs JOB_COMPLETION_INDEX (Kubernetes), AWS_BATCH_JOB_ARRAY_INDEX or "
          + "SLURM_ARRAY_TASK_ID; none is set to a number")
    }
    guard let index = array.index else {
      throw Malformed(
        description: "the environment does not say where the array job begins (SLURM_ARRAY_TASK_MIN): "
          + "write --shard i/n")
    }
    // Of the others nobody would do the parts.
    guard !array.hasGaps else {
      throw Malformed(
        description:
          "the array job leaves out some of its indices, so that its members do not follow each other: "
          + "write --shard i/n")
    }
    if parts.count == 2, let members = array.count, members != Int(parts[1]) {
      throw Malformed(
        description: "the array job has \(members) members, not \(parts[1]): write --shard auto, or i/n")
    }
    guard let count = parts.count == 2 ? Int(parts[1]) : array.count else {
      throw Malformed(
        description: "the environment does not say how many parts there are; write --shard auto/n")
    }
    guard index < count, let shard = Shard(index + 1, of: count) else {
      throw Malformed(
        description:
          "the array job's index \(index) is not among \(count) parts, counted from 0; write --shard i/n"
      )
    }
    self = shard
  }

  private struct ArrayJob {
    /// From 0; nil if only a number from an unknown first one on is known.
    let index: Int?
    /// The number of members, if the environment states it.
    let count: Int?
    /// Whether the members' indices are known not to be all from the first to the last.
    var hasGaps = false
  }

  private static func arrayJob(_ environment: [String: String]) -> ArrayJob? {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let index = number("JOB_COMPLETION_INDEX") {
      return ArrayJob(index: index, count: number("JOB_COMPLETIONS"))
    }
    if let index = number("AWS_BATCH_JOB_ARRAY_INDEX") {
      return ArrayJob(index: index, count: number("AWS_BATCH_JOB_ARRAY_SIZE"))
    }
    guard let id = number("SLURM_ARRAY_TASK_ID") else { return nil }
    let (first, step) = (number("SLURM_ARRAY_TASK_MIN"), max(1, number("SLURM_ARRAY_TASK_STEP") ?? 1))
    func index(of id: Int) -> Int? {
      guard let first else { return nil }
      let (distance, overflow) = id.subtractingReportingOverflow(first)
      return overflow ? .max : distance / step
    }
    let count = number("SLURM_ARRAY_TASK_COUNT")
    let last = number("SLURM_ARRAY_TASK_MAX").flatMap { index(of: $0) }
    let hasGaps = if let count, let last { last != count &- 1 } else { false }
    return ArrayJob(index: index(of: id), count: count, hasGaps: hasGaps)
  }

  /// Whether the file at `path` is this part's.
  package func contains(_ path: RelativePath) -> Bool {
    let folder = path.folder.map { $0.bytes + [UInt8(ascii: "/")] } ?? []
    let digest = SHA256.digest(folder + path.stem).bytes
    let hash = digest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return hash % UInt64(count) == UInt64(number - 1)
  }
}
