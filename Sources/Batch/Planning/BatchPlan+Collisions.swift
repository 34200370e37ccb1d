import Acuity
import Folders

/// Inputs that are the same file, outputs among the inputs, and outputs that would be the same file.
extension BatchPlan {
  /// A file that was named twice is one input, whether by a pattern and by itself, in two spellings, or by a folder and one
  /// within. Another name of it, a link of either kind, is another.
  mutating func skipRepeats(_ identities: [FileStatus.Identity?]) {
    var seen: [FileStatus.Identity: [BatchInput]] = [:]
    for (index, identity) in identities.enumerated() {
      guard let identity, case .work(let file) = entries[index] else { continue }
      let input = file.input
      guard
        let former = seen[identity]?.first(where: { $0.path == input.path || $0.entry == input.entry })
      else {
        seen[identity, default: []].append(input)
        continue
      }
      entries[index] = .skipped(
        input, "it was named before" + (former.label == input.label ? "" : ", as \(former.label)"))
    }
  }

  /// An input found in a folder that is at the same time the output of another is what an earlier run has left, no
  /// input. Any other output in an input's place would destroy it.
  mutating func separateOutputsFromInputs(_ planned: [Planned], _ job: Job) throws(Failure) {
    var inputs: [FileStatus.Identity: Int] = [:]
    for (index, file) in planned.enumerated() { if let identity = file.identity { inputs[identity] = index } }
    for (index, entry) in entries.enumerated() {
      guard case .work(let file) = entry else { continue }
      for output in file.outputs {
        guard let existing = output.existing, let other = inputs[existing] else { continue }
        let victim = entries[other].input
        guard other != index, !planned[other].isNamed else {
          throw Failure(
            .usage,
            "the output of \(file.input.label) would take the place of the input \(victim.label): choose "
              + "another output folder, or names by a pattern"
              + job.hint((.name, ["'{stem}_{scale}x.{ext}'"])))
        }
        entries[other] = .skipped(victim, "\(victim.label) is the output of \(file.input.label)")
      }
    }
  }

  /// `paths` are those of the output folders, which need not be there yet, and may lie in one another; `areOne` knows which
  /// two paths are one file to the file system.
  func refuseCollisions(
    at paths: [[UInt8]], areOne: ([UInt8], [UInt8]) -> Bool = Folder.isOnePath
  ) throws(Failure) {
    let files = files
    func both(_ other: Int, _ index: Int) -> String {
      let label = files[index].input.label
      return other == index ? "two outputs of \(label)" : "\(files[other].input.label) and \(label)"
    }
    var exact: [[UInt8]: Int] = [:]
    var alike: [String: [(file: Int, path: RelativePath, key: [UInt8])]] = [:]
    var collisions: [String] = []
    for (index, file) in files.enumerated() {
      for output in file.outputs {
        let key = paths[output.index] + [UInt8(ascii: "/")] + output.path.bytes
        if let other = exact.updateValue(index, forKey: key) {
          collisions.append("\(both(other, index)) -> \(escaped(key))")
          continue
        }
        let folded = Self.folded(key)
        if let other = alike[folded]?.first(where: { areOne($0.key, key) }) {
          collisions.append(
            "\(both(other.file, index)) -> \(other.path) and \(output.path), which are one name on this file system"
          )
        }
        alike[folded, default: []].append((index, output.path, key))
      }
    }
    collisions += filesThatAreFolders(exact, at: paths).map {
      "\(both($0.file, $0.other)) -> \(escaped($0.path)), which would be a file and a folder"
    }
    guard !collisions.isEmpty else { return }
    let more = collisions.count > 5 ? "\n  and \(collisions.count - 5) more" : ""
    throw Failure(
      .usage,
      "several outputs would be the same file:\n  "
        + collisions.prefix(5).joined(separator: "\n  ") + more
        + "\nchoose names that tell them apart, such as '{name}.{ext}' for inputs or '{stem}_{scale}x.{ext}' for sizes, "
        + "or separate folders, or rename inputs")
  }

  /// Outputs in whose place there would have to be a folder, for another one.
  private func filesThatAreFolders(
    _ outputs: [[UInt8]: Int], at roots: [[UInt8]]
  ) -> [(path: [UInt8], file: Int, other: Int)] {
    var seen: Set<[UInt8]> = []
    var found: [(path: [UInt8], file: Int, other: Int)] = []
    for (index, file) in files.enumerated() {
      for output in file.outputs {
        var path = roots[output.index]
        for component in output.path.components.dropLast() {
          path += [UInt8(ascii: "/")] + component
          guard seen.insert(path).inserted, let other = outputs[path] else { continue }
          found.append((path, other, index))
        }
      }
    }
    return found
  }

  /// Equal texts for all paths that any file system takes for one, and for some that none does: letter case is folded by all
  /// rules at once, accents compose since texts are equal then, and what shows nothing is left out.
  private static func folded(_ path: [UInt8]) -> String {
    let text =
      String(validating: path, as: UTF8.self)
      ?? String(String.UnicodeScalarView(path.map { Unicode.Scalar($0) }))
    let visible = text.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
    return String(String.UnicodeScalarView(visible)).lowercased().uppercased().lowercased()
  }
}
