import Foundation
import TestSupport
import Testing

/// `acuity`, whose starts are counted.
struct CountedProgram {
  private let folder: TemporaryFolder
  let path: String

  init() async throws {
    folder = try TemporaryFolder()
    path = folder.path + "/acuity"
    let acuity = BuiltProducts.folder.appendingPathComponent("acuity").path
    let script = """
      #!/bin/sh
      [ "$1" = trial ] && exit
      echo >> '\(folder.path)/starts'
      exec '\(acuity)' "$@"

      """
    try folder.put(bytes(script), "acuity")
    chmod(path, 0o700)
    // A process that another test was just starting may still have it open for writing, and then it is busy.
    let path = path
    #expect(await eventually { (try? Run(path: path, ["trial"]).wait())?.code == 0 })
  }

  func starts() throws -> Int { try folder.content("starts")?.count ?? 0 }
}
