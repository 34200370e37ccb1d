package import Folders
import Foundation

extension BatchReport {
  /// Writes `report.html`, `report.json` and `report.csv` into a folder, made if need be. Each is there whole or not at
  /// all, and replaces what an earlier run has left. The JSON, which has the exit code, is there only if all is.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: [UInt8], samples: [ReportSample] = []) throws(FileError) {
    let folder = try Folder(folder, create: true)
    let account = Array("report.json".utf8)
    do throws(FileError) {
      try folder.write(html(samples), to: Array("report.html".utf8), replacing: true)
      try folder.write(csv(), to: Array("report.csv".utf8), replacing: true)
      try folder.write(json(), to: account, replacing: true)
    } catch {
      // That of an earlier run would pass for this one's.
      try? folder.remove(account)
      throw error
    }
  }

  func json() -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    // JSON has no number for what a clock that jumps might give.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
