import Folders
import Ledger

/// What a ledger knows one output of one input by.
///
/// A ledger may serve several folders of inputs, several of outputs, and jobs whose outputs come in another order: so the
/// key says where the output goes and where the input is, both from the root of the file system on. The input's path
/// below its folder comes first and alone, for by that the entries of a tree that was moved are found again. Ledgers of
/// former versions have the path alone, or with the output's number; those of a watched folder, which belong to one
/// folder of outputs, have it alone still.
///
/// The parts are separated by zero bytes, which no path contains.
struct LedgerKey {
  /// Of the input, below its root.
  let path: [UInt8]
  /// Of the output; nil in plain keys.
  let output: [UInt8]?
  /// Of the input; nil in plain keys, and where an input has no lasting place.
  let origin: [UInt8]?
  /// Which of the job's outputs, in plain keys.
  let index: Int

  init(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
    path = parts.first ?? []
    let isPlain = parts.count < 2 || parts[1].first != UInt8(ascii: "/")
    output = isPlain ? nil : parts[1]
    origin = parts.count > 2 ? parts[2] : nil
    index = parts.count == 2 && isPlain ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
  }

  /// Whether an entry under this key is about the output with the key `own`, though at another place or in a ledger of a
  /// former version: the input and the output `path` have the same names below their folders. An input of another folder
  /// is the same one, moved or copied, only if it has the same content.
  func isFormer(of own: LedgerKey, output path: RelativePath, hasSameContent: Bool) -> Bool {
    guard self.path == own.path else { return false }
    if let output, !output.ends(in: [UInt8(ascii: "/")] + path.bytes) { return false }
    return origin == nil || origin == own.origin || hasSameContent
  }
}

extension [UInt8] {
  fileprivate func ends(in other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}

extension Job {
  /// The key in a ledger of the output that the input is to get.
  package func ledgerKey(_ input: BatchInput, _ output: PlannedFile.Output) -> [UInt8] {
    input.path.bytes + [0] + place(of: output.path, output.index) + (input.origin.map { [0] + $0 } ?? [])
  }

  /// Where `path` is below the folder of output `index`, from the root of the file system on.
  func place(of path: RelativePath, _ index: Int) -> [UInt8] {
    realPath(outputs[index].root) + [UInt8(ascii: "/")] + path.bytes
  }
}
