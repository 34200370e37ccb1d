import Batch
import Folders
import Synchronization

/// The first codec's process, started while the arguments are still being parsed and given what is likely to be the first
/// picture: if it is, it is decoded when they are parsed.
enum EarlyCodec {
  private static let started = Mutex<WorkerCoder?>(nil)

  /// Whether a run with these arguments decodes in a process like that of `begin(for:)`, as far as can be told before they are
  /// parsed.
  static func isLikely(for arguments: [String]) -> Bool {
    EarlyStart.isUpscale(arguments, without: ["--isolation", "--codec-timeout"])
  }

  /// Starts it by the caller's own thread, whose processor the new process gets while the caller waits for its start. A thread
  /// beside has been seen to start one 8 ms late, in a queue behind others.
  static func begin(for arguments: [String]) {
    let coder = WorkerCoder()
    coder.start()
    if let picture = likelyPicture(in: arguments).flatMap(content) { coder.foresee(picture) }
    started.withLock { $0 = coder }
  }

  /// The first argument behind the command's name that is no option, nor comes behind one whose value it may be; nil where
  /// options change how pictures are decoded.
  static func likelyPicture(in arguments: [String]) -> String? {
    let decoding = ["--cmyk", "--animation", "--max-pixels"]
    guard !arguments.contains(where: { argument in decoding.contains { argument.hasPrefix($0) } }) else {
      return nil
    }
    return zip(arguments, arguments.dropFirst()).first { !$0.hasPrefix("-") && !$1.hasPrefix("-") }?.1
  }

  /// Of a regular file of up to a megabyte: in the time that larger ones take, milliseconds do not count.
  private static func content(of argument: String) -> [UInt8]? {
    let (folder, name) = splitPath(Arguments.decode(argument))
    return try? Folder(folder).read(name, limit: 1 << 20).bytes
  }

  /// - Returns: What was begun, once; nil if nothing was.
  static func take() -> WorkerCoder? {
    started.withLock { $0.take() }
  }
}
