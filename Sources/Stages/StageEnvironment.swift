/// What stages may use while they are made: once for a job, not for every picture.
public struct StageEnvironment: Sendable {
  /// The folder that relative paths in options start from, as the bytes of its path, which need not be UTF-8; nil for the
  /// process's own.
  public var baseDirectory: [UInt8]?
  /// Where stages get their models from; environments that are copies of one another share them.
  public var models: ModelLibrary

  /// By default relative paths are the process's own, and models are made anew.
  public init(baseDirectory: String? = nil, models: ModelLibrary = ModelLibrary()) {
    self.baseDirectory = baseDirectory.map { Array($0.utf8) }
    self.models = models
  }

  /// `path`, if relative, taken from the base directory; as the bytes of a path.
  public func resolve(_ path: String) -> [UInt8] {
    let (path, slash) = (Array(path.utf8), UInt8(ascii: "/"))
    guard let baseDirectory, path.first != slash else { return path }
    return baseDirectory + (baseDirectory.last == slash ? [] : [slash]) + path
  }
}
