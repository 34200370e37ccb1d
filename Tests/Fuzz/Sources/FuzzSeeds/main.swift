import Foundation
import FuzzInput

// Writes the first inputs of each fuzzer below the folder that is named, and tries each of them.
let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Corpus")
for (parser, seeds) in Seeds.all {
  let target = folder.appendingPathComponent(parser)
  try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
  for (name, bytes) in seeds {
    Seeds.probe(parser, bytes)
    try Data(bytes).write(to: target.appendingPathComponent("seed-\(name)"))
  }
}
