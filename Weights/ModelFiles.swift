#if canImport(Darwin)
  import Foundation
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where the model files that ship with the package are.
///
/// The build tool's own accessor ends the process when its bundle is not there, as beside an installed binary, and loads
/// Foundation, which costs a command more time than the model; so the places are looked up here.
package enum ModelFiles {
  /// The package's resources: beside the executable, or on Apple's systems inside the app or beside the tests' bundle.
  package static let bundleFolders: [String] = {
    #if canImport(Darwin)
      final class Here {}
      let own = Bundle(for: Here.self)
      let tests = own.bundleURL.pathExtension == "xctest" ? own.bundleURL.deletingLastPathComponent() : nil
      let parents = [Bundle.main.resourceURL, own.resourceURL, Bundle.main.bundleURL, tests]
      return parents.compactMap { $0 }.flatMap { parent in
        ["", "/Contents/Resources"].map { parent.path + "/acuity_AcuityWeights.bundle" + $0 }
      }
    #else
      return executableFolder.map { [$0 + "/acuity_AcuityWeights.resources"] } ?? []
    #endif
  }()

  /// An installation's data: `share/acuity` beside the `bin` that the executable is in.
  package static let installedFolders: [String] = executableFolder.map { [$0 + "/../share/acuity"] } ?? []

  /// The folder of the running program, symbolic links followed.
  private static let executableFolder: String? = {
    #if canImport(Darwin)
      return Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path
    #else
      guard let path = realpath("/proc/self/exe", nil) else { return nil }
      defer { free(path) }
      let text = String(cString: path)
      return text.lastIndex(of: "/").map { String(text[..<$0]) }
    #endif
  }()
}
