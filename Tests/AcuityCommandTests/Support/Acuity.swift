import Foundation

/// Runs the `acuity` binary that was built with the tests, as a user would.
enum Acuity {
  /// How a run ended and what it said.
  struct Result {
    /// The exit code; 128 and the signal's number if a signal ended it.
    let code: Int32
    let output: [UInt8]
    let messages: [UInt8]

    var text: String { String(decoding: output, as: UTF8.self) }
    var errors: String { String(decoding: messages, as: UTF8.self) }

    /// Standard output as a JSON object.
    func object() throws -> [String: Any] {
      try (JSONSerialization.jsonObject(with: Data(output)) as? [String: Any]) ?? [:]
    }
  }

  /// The binary lies beside the test bundle.
  static let path: String = {
    #if canImport(Darwin)
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
      return bundle.bundleURL.deletingLastPathComponent().appendingPathComponent("acuity").path
    #else
      let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      return executable.deletingLastPathComponent().appendingPathComponent("acuity").path
    #endif
  }()

  /// Runs to the end.
  ///
  /// - Parameters:
  ///   - arguments: All but the program's name.
  ///   - environment: Added to this process's.
  ///   - output: Where standard output goes instead of into the result.
  /// - Returns: How it ended.
  /// - Throws: `POSIXError` if it cannot be started.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], output: String? = nil
  ) throws -> Result {
    try start(arguments.map { Array($0.utf8) }, environment: environment, output: output).wait()
  }

  /// The same with arguments of any bytes but zero.
  static func run(bytes arguments: [[UInt8]], environment: [String: String] = [:]) throws -> Result {
    try start(arguments, environment: environment).wait()
  }

  /// Starts the binary in the background.
  static func start(
    _ arguments: [[UInt8]], environment: [String: String] = [:], output: String? = nil
  ) throws -> Run {
    try Run(path: path, arguments, environment: environment, output: output)
  }
}
