package import Folders
import Ledger

/// One output that is to be made, and how.
package struct OutputOrder: Sendable {
  package let output: PlannedFile.Output
  /// Where it is to go: to the output's place, or beside what is there. Somebody may still take it meanwhile.
  package let path: RelativePath
  /// nil without a ledger, which alone asks for it.
  let fingerprint: Fingerprint?
  /// Whether it may take an existing file's place.
  package let isReplacing: Bool
}

/// What there is to do about a file.
struct FileOrders {
  /// The outputs to make.
  var orders: [OutputOrder] = []
  /// Why others are kept.
  var kept = ""
  /// Why one of those may not be good.
  var doubt: String?
  /// Why some cannot be: they cost only themselves.
  var refusal: Failure?
}

extension FileProcessor {
  /// What is to be done about each output of the file, whose content, with the status it had then, is known by now.
  func orders(
    for file: PlannedFile, status: FileStatus?, content: SHA256.Digest?
  ) async throws(Failure) -> FileOrders {
    var result = FileOrders()
    for output in file.outputs {
      let fingerprint = ledger == nil ? nil : content.map { self.fingerprint(of: output, content: $0) }
      do throws(Failure) {
        switch try await decision(for: output, of: file, status: status, fingerprint: fingerprint) {
        case .keep(let reason, let isDoubtful):
          if isDoubtful { result.doubt = reason }
          result.kept = result.doubt ?? reason
        case .make(let isReplacing):
          try checkPlace(of: output)
          result.orders.append(
            OutputOrder(
              output: output, path: try freePath(of: output, label: file.input.label),
              fingerprint: fingerprint, isReplacing: isReplacing))
        }
      } catch  where [.outputName, .output, .unreadable].contains(error.culprit) {
        result.refusal = .both(result.refusal, error)
      }
    }
    return result
  }

  /// With `rename`, the first name that nothing has.
  private func freePath(of output: PlannedFile.Output, label: String) throws(Failure) -> RelativePath {
    var path = output.path
    var number = 0
    while job.ifExists == .rename, try status(of: path, in: roots[output.index]) != nil {
      path = try furtherName(of: output, after: &number, label: label)
    }
    return path
  }

  private func fingerprint(of output: PlannedFile.Output, content: SHA256.Digest) -> Fingerprint {
    Fingerprint(
      content: content, model: job.outputs[output.index].modelDigest, options: job.optionsDigest(output.index)
    )
  }

  /// Whether that depends on the file's content: only what the ledger has recorded of an earlier run does, and that is
  /// asked for a place that is taken, or for another name.
  func dependsOnContent(_ file: PlannedFile) -> Bool {
    ledger != nil
      && (job.ifExists == .rename || file.outputs.contains { (try? status(of: $0)) != nil })
  }
}
