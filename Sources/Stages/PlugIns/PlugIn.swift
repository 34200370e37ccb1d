import Acuity
import CAcuityPlugin
import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A shared library that has been loaded and whose table has been read and found right (`acuity_plugin.h`).
///
/// It is never unloaded: its table, texts and functions stay valid for the life of the process.
struct PlugIn: @unchecked Sendable {
  /// As given, escaped: for people.
  let path: String
  let name: String
  let summary: String
  let options: [StageOption]
  let functions: Functions
  /// Of the library's file.
  let content: [UInt8]

  struct Functions {
    typealias Create =
      @convention(c) (
        UnsafePointer<acuity_value>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        UnsafeMutablePointer<CChar>?, Int
      ) -> Int32
    typealias OutputSize =
      @convention(c) (
        UnsafeMutableRawPointer?, Int64, Int64, UnsafeMutablePointer<Int64>?, UnsafeMutablePointer<Int64>?,
        UnsafeMutablePointer<CChar>?, Int
      ) -> Int32
    typealias Process =
      @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<acuity_picture>?, UnsafePointer<acuity_picture>?,
        UnsafeMutablePointer<CChar>?, Int
      ) -> Int32

    let create: Create
    let outputSize: OutputSize?
    let process: Process
    let destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
  }

  private typealias Entry = @convention(c) () -> UnsafePointer<acuity_plugin>?

  /// Loads the library in `file`, a path of any bytes.
  /// - Throws: `StageError.plugIn` that says what is wrong with it.
  init(loading file: [UInt8]) throws(StageError) {
    let path = escaped(file)
    // Loading a FIFO or a device could block for ever; reading refuses them.
    content = try Self.content(of: file, path: path)
    guard !isCutELF(content) else {
      throw .plugIn(path: path, reason: "its file is cut short: copy or build it again")
    }
    let (loaded, hasMoved) = Surroundings.keeping {
      Result { () throws(StageError) in try Self.entry(of: file, path: path)() }
    }
    guard let table = try loaded.get() else {
      throw .plugIn(path: path, reason: "\(ACUITY_PLUGIN_ENTRY) returns NULL")
    }
    if hasMoved { throw .plugIn(path: path, reason: WorkingFolder.fault) }
    // The version alone is read before it is known that the rest of the table is laid out as here.
    let version = UnsafeRawPointer(table).load(as: UInt32.self)
    guard version == ACUITY_PLUGIN_ABI_VERSION else {
      throw .plugIn(
        path: path,
        reason: "it was built for version \(version) of the plug-in interface and this program has version "
          + "\(ACUITY_PLUGIN_ABI_VERSION); build it again with this program's acuity_plugin.h")
    }
    let reader = PlugInTable(path: path, table: table.pointee)
    guard let create = table.pointee.create, let process = table.pointee.process else {
      throw .plugIn(path: path, reason: "its table lacks a function: create and process are required")
    }
    self.path = path
    name = try reader.name()
    summary = try reader.summary()
    options = try reader.options()
    functions = Functions(
      create: create, outputSize: table.pointee.output_size, process: process, destroy: table.pointee.destroy)
  }

  private static func content(of file: [UInt8], path: String) throws(StageError) -> [UInt8] {
    do throws(ImageFileError.Cause) {
      return try FileBytes.read(path: file, limit: .max)
    } catch {
      throw .plugIn(path: path, reason: "\(error)")
    }
  }

  /// The entry function of the library.
  private static func entry(of file: [UInt8], path: String) throws(StageError) -> Entry {
    // Without a slash, the loader would look in the system's folders instead.
    let location = file.contains(UInt8(ascii: "/")) ? file : Array("./".utf8) + file
    let name = location.map { CChar(bitPattern: $0) } + [0]
    guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { printable(String(cString: $0), limit: 400) }
      throw .plugIn(path: path, reason: "it can't be loaded: \(reason ?? "unknown reason")")
    }
    guard let symbol = dlsym(library, ACUITY_PLUGIN_ENTRY) else {
      dlclose(library)
      throw .plugIn(
        path: path, reason: "it isn't a plug-in: it exports no function \(ACUITY_PLUGIN_ENTRY)")
    }
    return unsafeBitCast(symbol, to: Entry.self)
  }
}
