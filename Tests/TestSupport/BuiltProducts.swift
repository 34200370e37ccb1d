public import Foundation

/// What the package's build has put beside the tests: the command, the plug-ins.
public enum BuiltProducts {
  /// The build's folder.
  public static let folder: URL = {
    #if os(macOS)
      // The main bundle is the tool that runs the tests; theirs, which holds this, lies in the build's folder.
      final class Here {}
      return Bundle(for: Here.self).bundleURL.deletingLastPathComponent()
    #else
      return Bundle.main.bundleURL
    #endif
  }()

  /// The path of the shared library of the product `name`.
  public static func library(_ name: String) -> String {
    #if os(macOS)
      folder.appendingPathComponent("lib\(name).dylib").path
    #else
      folder.appendingPathComponent("lib\(name).so").path
    #endif
  }
}
