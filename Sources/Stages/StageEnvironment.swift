/// What stages may use while they are made: once for a job, not for every picture.
public struct StageEnvironment: Sendable {
  /// The folder that relative paths in options start from; nil for the process's own.
  public var baseDirectory: String?
  /// Where stages get their networks from; environments that are copies of one another share them.
  public var networks: NetworkLibrary

  /// By default relative paths are the process's own, and networks are loaded anew.
  public init(baseDirectory: String? = nil, networks: NetworkLibrary = NetworkLibrary()) {
    self.baseDirectory = baseDirectory
    self.networks = networks
  }

  /// `path`, if relative, taken from the base directory.
  public func resolve(_ path: String) -> String {
    guard let baseDirectory, !path.utf8.starts(with: "/".utf8) else { return path }
    return baseDirectory.utf8.last == UInt8(ascii: "/") ? baseDirectory + path : "\(baseDirectory)/\(path)"
  }
}
