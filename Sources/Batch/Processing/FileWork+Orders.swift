import Folders
import Ledger

extension FileWork {
  /// An output that is to be made, and how.
  struct Order: Sendable {
    let output: PlannedFile.Output
    /// nil without a ledger, which alone asks for it.
    let fingerprint: Fingerprint?
    let isReplacing: Bool
  }
}

extension FileProcessor {
  /// What is to be done about each output of the file, whose content is known by now.
  ///
  /// - Returns: the outputs to make, why others are kept, and why some cannot be: they cost only themselves.
  func orders(
    for file: PlannedFile, stamp: LedgerEntry.Stamp, content: SHA256.Digest
  ) async throws(Failure) -> ([FileWork.Order], kept: String, refusal: Failure?) {
    var orders: [FileWork.Order] = []
    var kept = ""
    var refusals: [Failure] = []
    for output in file.outputs {
      let fingerprint = ledger.map { _ in
        Fingerprint(
          content: content, model: job.outputs[output.index].modelDigest,
          options: job.optionsDigest(output.index))
      }
      do throws(Failure) {
        switch try await decision(for: output, of: file, stamp: stamp, fingerprint: fingerprint) {
        case .keep(let reason): kept = reason
        case .make(let isReplacing):
          try checkPlace(of: output)
          orders.append(
            FileWork.Order(output: output, fingerprint: fingerprint, isReplacing: isReplacing))
        }
      } catch  where [.outputName, .output, .unreadable].contains(error.culprit) {
        refusals.append(error)
      }
    }
    guard let first = refusals.first, refusals.count > 1 else { return (orders, kept, refusals.first) }
    return (orders, kept, Failure(first.culprit, refusals.map(\.reason).joined(separator: "; ")))
  }
}
