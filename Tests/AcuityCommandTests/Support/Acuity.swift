import Foundation
import TestSupport

/// Runs the `acuity` binary that was built with the tests, as a user would.
enum Acuity {
  typealias Result = Run.Result

  static let path = BuiltProducts.folder.appendingPathComponent("acuity").path

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
