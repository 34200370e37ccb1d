public import Foundation

/// The model files that ship with the package.
public enum ModelFiles {
  /// The folder of model files inside the package's resource bundle.
  public static var directory: URL { Bundle.module.bundleURL.appending(path: "Models") }
}
