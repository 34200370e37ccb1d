public import Foundation

/// Development data beside the package (reference weights, research sets, format suites), which is no part of it.
/// Tests that need some are enabled only where it exists.
public enum SharedData {
  /// `ACUITY_SHARED`, else `../shared` beside the package.
  public static let root: URL =
    ProcessInfo.processInfo.environment["ACUITY_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")

  /// The path of `data/<name>`, nil when it is not there.
  public static func path(_ name: String) -> String? {
    let path = root.appendingPathComponent("data").appendingPathComponent(name).path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  public static func exists(_ name: String) -> Bool { path(name) != nil }

  /// The files of a folder `data/<name>` with the extension, in order of their names.
  public static func files(_ name: String, extension suffix: String) -> [String] {
    guard let folder = path(name), let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    else { return [] }
    return names.filter { $0.hasSuffix("." + suffix) }.sorted().map { folder + "/" + $0 }
  }

  /// Whether the long sweeps are asked for: `ACUITY_FULL_TESTS=1`.
  public static let runsFullTests = ProcessInfo.processInfo.environment["ACUITY_FULL_TESTS"] == "1"
}
