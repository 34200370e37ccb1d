import AcuityWeights
import Foundation
import ImageFiles
public import SuperResolution

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The weights files that can be had by name.
///
/// `vdsr` is the 20-layer network of Kim et al. (CVPR 2016) and the default, `fast` a small one for previews. They are
/// looked for in the folder that the environment variable `ACUITY_MODELS` names, then among the package's own resources,
/// then in an installed copy (`share/acuity` beside the executable's `bin`). Every `NAME.safetensors` there is a model
/// called NAME. ``ModelRegistry`` knows others beside.
public enum ModelCatalog {
  /// The model that is used where none is named.
  public static let defaultName = "vdsr"

  /// Loads a model.
  ///
  /// - Parameter nameOrPath: A name of the catalog, or the path of a safetensors file; the default model if nil. Where no
  ///   folder has the name, a file of that name in the working directory is taken.
  /// - Returns: The model, checked.
  /// - Throws: `ModelError`: `.notFound` says where it was looked for; else what is wrong with the file.
  /// - Complexity: One read of the file.
  public static func load(_ nameOrPath: String? = nil) throws(ModelError) -> Model {
    try load(pathBytes: nameOrPath.map { Array($0.utf8) })
  }

  /// The same for a path that need not be UTF-8; an error names the models of `registered` too.
  package static func load(pathBytes: [UInt8]?, registered: [String] = []) throws(ModelError) -> Model {
    let bytes = pathBytes ?? Array(defaultName.utf8)
    let name = printable(bytes)
    if let file = file(of: bytes) { return try Model(contentsOf: file) }
    let isPath = bytes.contains(UInt8(ascii: "/")) || name.hasSuffix(ending)
    if isPath || (pathBytes != nil && access(bytes.map(CChar.init(bitPattern:)) + [0], F_OK) == 0) {
      return try Model(pathBytes: bytes, name: name)
    }
    let available = Set(names + registered).sorted()
    throw ModelError(file: name, cause: .notFound(lookedIn: folders, available: available))
  }

  /// Whether `load` takes a text for the path of a file: all with a `/`, and with a `.` those that are no model's name.
  package static func takesForPath(_ text: String) -> Bool {
    text.utf8.contains(UInt8(ascii: "/"))
      || (text.utf8.contains(UInt8(ascii: ".")) && file(of: Array(text.utf8)) == nil)
  }

  /// Where the model of a name lies; nil if there is none.
  static func file(of name: [UInt8]) -> String? {
    guard !name.contains(UInt8(ascii: "/")) else { return nil }
    let file = "/" + String(decoding: name, as: UTF8.self) + ending
    return folders.lazy.map { $0 + file }.first { access($0, F_OK) == 0 }
  }

  private static let ending = ".safetensors"

  /// The names of all files that can be had, sorted.
  public static var names: [String] {
    let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }).sorted()
  }

  /// Where models are looked for, in this order.
  public static var folders: [String] {
    let own = getenv("ACUITY_MODELS").map { String(cString: $0) }
    return (own.map { $0.isEmpty ? [] : [$0] } ?? []) + ModelFiles.bundleFolders + ModelFiles.installedFolders
  }
}
