package import Acuity
import Dispatch
import Folders
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
  import MachO
#endif

/// The codecs in processes of their own, each with limits that the system enforces: whatever a file makes of its
/// codec, it costs that file. A process serves many files and is replaced when it dies.
package final class WorkerCoder: PictureCoder {
  package struct Options: Sendable {
    /// The `acuity` executable; nil for this one.
    package var executable: String?
    /// Seconds of processor time for a picture of up to ten megapixels; ten times larger ones get ten times more.
    package var seconds: Int
    /// Variables that the processes get beside this one's, or instead of them.
    package var environment: [String: String]

    package init(executable: String? = nil, seconds: Int = 60, environment: [String: String] = [:]) {
      self.executable = executable
      self.seconds = max(1, seconds)
      self.environment = environment
    }
  }

  /// The only argument of such a process.
  package static let subcommand = "codec-worker"

  private let command: WorkerProcess.Command
  private let seconds: Int
  /// Processes that are being started before a file asks.
  private let preparation = DispatchGroup()
  private let idle = Mutex<[(process: WorkerProcess, uses: Int)]>([])
  private let foreseen = Mutex<ForeseenPicture?>(nil)
  /// A codec that leaks a little never grows far.
  private static let mostUses = 1000
  private static let mostIdle = 8
  /// Whether the system had no process left for us, however long we waited for one, when we last asked.
  private let isStarved = Atomic(false)
  /// Milliseconds to wait before a process is asked for once more.
  private static let patience: [UInt32] = [50, 100, 200, 400, 800, 1600]

  /// No process is started yet. From here on the whole process ignores `SIGPIPE`: the pipe of a worker that has
  /// died is an error like others.
  package init(_ options: Options = Options()) {
    signal(SIGPIPE, SIG_IGN)
    command = WorkerProcess.Command(
      executable: options.executable ?? Self.ownExecutable, arguments: [Self.subcommand],
      environment: options.environment)
    seconds = options.seconds
  }

  /// Starts a process beside the caller.
  package func prepare() {
    // A queue of its own has a thread at once, however much computes.
    DispatchQueue(label: "acuity.codec-worker").async(group: preparation) { [self] in start() }
  }

  /// Starts a process, half a millisecond for the caller.
  package func start() {
    // A failure shows again, and is told, where the first file needs the process.
    guard let process = try? WorkerProcess.start(command) else { return }
    give(process, uses: 0)
  }

  /// Has a process that was started decode this file by the usual options before anybody asks; who asks for the same gets its
  /// answer. Not a file so large that the caller would wait until the process has read it.
  package func foresee(_ bytes: [UInt8]) {
    guard let request = try? decodeRequest(bytes, limits: Limits(), options: ReadOptions()),
      let process = idle.withLock({ $0.popLast() })?.process
    else { return }
    let picture = ForeseenPicture(bytes: bytes, request: request, process: process)
    guard picture.fits else { return give(process, uses: 0) }
    // A process that takes nothing is not given back, which ends it.
    if picture.send() { foreseen.withLock { $0 = picture } }
  }

  package func decode(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions
  ) async throws(CodingError) -> Image {
    try await decode(bytes, limits: limits, options: options, until: nil)
  }

  package func encode(
    _ image: consuming Image, as format: ImageFormat, options: EncodeOptions
  ) async throws(CodingError) -> [UInt8] {
    try await encode(image, as: format, options: options, until: nil)
  }

  package func stopping(when isCancelled: @escaping @Sendable () -> Bool) -> any PictureCoder {
    StoppingWorkerCoder(workers: self, isCancelled: isCancelled)
  }

  fileprivate func decode(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions, until isCancelled: (@Sendable () -> Bool)?
  ) async throws(CodingError) -> Image {
    let request = try decodeRequest(bytes, limits: limits, options: options)
    let begun = foreseen.withLock { foreseen in
      foreseen?.is(bytes, request) == true ? foreseen.take()?.process : nil
    }
    return try await exchange(request.allowance, with: begun, until: isCancelled) {
      channel throws(WorkerChannel.Problem) in
      if begun == nil { try channel.send(.decode, head: request.head, body: bytes) }
      return try Self.picture(from: channel, limits: limits)
    }
  }

  private func decodeRequest(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions
  ) throws(CodingError) -> DecodeRequest {
    // The header is parsed by code that is safe in any process; it says what decoding may take.
    let header: ImageHeader
    do throws(ImageFileError) {
      header = try ImageFile.header(bytes: bytes, options: options)
    } catch {
      throw .picture(error.cause)
    }
    let pixels: Int
    do throws(ImageFileError.Cause) {
      pixels = try limits.check(header.size)
    } catch {
      throw .picture(error)
    }
    let samples = pixels * header.layout.channels * (header.depth / 8)
    return DecodeRequest(
      allowance: allowance(memory: 2 * bytes.count + 8 * samples, pixels: pixels), limits: limits,
      options: options)
  }

  fileprivate func encode(
    _ image: consuming Image, as format: ImageFormat, options: EncodeOptions,
    until isCancelled: (@Sendable () -> Bool)?
  ) async throws(CodingError) -> [UInt8] {
    let picture = PictureHead(copy image)
    let image = Handover(image)
    let encoding = format.encodingMemory(picture.size, picture.layout, depth: picture.depth, options)
    let request = EncodeRequest(
      allowance: allowance(
        memory: 2 * (picture.byteCount + encoding) + (256 << 20),
        pixels: picture.size.width * picture.size.height),
      format: format, options: options, picture: picture)
    return try await exchange(request.allowance, until: isCancelled) {
      channel throws(WorkerChannel.Problem) in
      try channel.send(.encode, head: request.head, samples: image.take().samples, ahead: request.ahead)
      return try Self.file(from: channel, of: picture)
    }
  }

  /// `memory` bytes beside a process's own 256 MB.
  func allowance(memory: Int, pixels: Int) -> WorkerAllowance {
    WorkerAllowance(
      memory: memory + (256 << 20), seconds: seconds * max(1, (pixels + 9_999_999) / 10_000_000))
  }

  // MARK: Answers

  private enum Answer<Value: Sendable>: Sendable {
    case value(Value)
    case refusal(ImageFileError.Cause)
  }

  private static func picture(
    from channel: WorkerChannel, limits: Limits
  ) throws(WorkerChannel.Problem) -> Answer<Image> {
    guard let (frame, head) = try channel.receive() else { throw .closed }
    if let refusal = try refusal(frame, head) { return .refusal(refusal) }
    guard frame.kind == .picture, let picture = try? PictureHead(head: head),
      picture.size.width * picture.size.height <= limits.maxPixels, frame.body == picture.byteCount
    else { throw .garbage }
    return .value(picture.image(try channel.samples(picture.sampleCount, depth: picture.depth)))
  }

  private static func file(
    from channel: WorkerChannel, of picture: PictureHead
  ) throws(WorkerChannel.Problem) -> Answer<[UInt8]> {
    guard let (frame, head) = try channel.receive() else { throw .closed }
    if let refusal = try refusal(frame, head) { return .refusal(refusal) }
    // No format needs more than twice the samples, a file's frame and the metadata.
    let metadata = [
      picture.metadata.iccProfile, picture.metadata.exif, picture.metadata.xmp, picture.metadata.extendedXMP,
      picture.metadata.iptc,
    ]
    let bound = 2 * picture.byteCount + 2 * metadata.reduce(0) { $0 + ($1?.count ?? 0) } + (1 << 20)
    guard frame.kind == .file, head.isEmpty, frame.body <= bound else { throw .garbage }
    return .value(try channel.body(frame.body))
  }

  private static func refusal(
    _ frame: WorkerFrame, _ head: [UInt8]
  ) throws(WorkerChannel.Problem) -> ImageFileError.Cause? {
    guard frame.kind == .refusal else { return nil }
    var reader = WireReader(head)
    guard frame.body == 0, let cause = try? reader.cause(), (try? reader.finish()) != nil else {
      throw .garbage
    }
    return cause
  }

  // MARK: Processes

  private func exchange<Value: Sendable>(
    _ allowance: WorkerAllowance, with begun: WorkerProcess? = nil,
    until isCancelled: (@Sendable () -> Bool)?,
    _ body: @escaping @Sendable (WorkerChannel) throws(WorkerChannel.Problem) -> Answer<Value>
  ) async throws(CodingError) -> Value {
    try await offloaded { [self] () throws(CodingError) in
      let (process, uses) = if let begun { (begun, 0) } else { try take(isCancelled) }
      // As long as it may compute, a process may do nothing.
      let answer: Answer<Value>
      do throws(WorkerChannel.Problem) {
        answer = try body(process.channel(seconds: allowance.seconds, isCancelled: isCancelled))
      } catch {
        // The process is not given back, which ends it.
        if error == .cancelled { throw .cancelled }
        throw .codecLost(Self.text(error, process, seconds: allowance.seconds))
      }
      give(process, uses: uses + 1)
      switch answer {
      case .value(let value): return value
      case .refusal(let cause): throw .picture(cause)
      }
    }
  }

  private static func text(_ problem: WorkerChannel.Problem, _ process: WorkerProcess, seconds: Int) -> String
  {
    switch problem {
    case .closed: "the codec process \(process.endedSoon() ?? "closed its pipe") over this file"
    case .timeout:
      "the codec process did nothing for \(seconds) s over this file, computed longer, or took longer than "
        + "\(seconds * WorkerPatience.longestWait) s in all, and was ended"
    case .garbage: "the codec process answered nonsense over this file and was ended"
    case .system(let code): FileError(.exchangeData, "the codec process", code: code).description
    case .cancelled: "the codec process was not waited for"
    }
  }

  private func take(_ isCancelled: (@Sendable () -> Bool)?) throws(CodingError) -> (
    process: WorkerProcess, uses: Int
  ) {
    preparation.wait()
    // Once is enough: a batch that finds no process for one file after the other must come to its end.
    var pauses = isStarved.load(ordering: .relaxed) ? [] : Self.patience[...]
    while true {
      while let found = idle.withLock({ $0.popLast() }) {
        if found.process.ended() == nil { return found }
      }
      do throws(FileError) {
        let process = try WorkerProcess.start(command)
        isStarved.store(false, ordering: .relaxed)
        return (process, 0)
      } catch {
        // Other programs' processes come and go.
        let isPassing = [EAGAIN, ENOMEM, ENFILE, EMFILE, ETXTBSY].contains(error.code)
        if isCancelled?() == true { throw .cancelled }
        guard isPassing, let pause = pauses.popFirst() else {
          if isPassing { isStarved.store(true, ordering: .relaxed) }
          let remedy = isPassing ? "raise the limit on processes" : "mend that"
          throw .noProcess("\(error): \(remedy), or choose --isolation none for files that you trust")
        }
        usleep(1000 * pause)
      }
    }
  }

  private func give(_ process: WorkerProcess, uses: Int) {
    guard uses < Self.mostUses else { return }
    idle.withLock { if $0.count < Self.mostIdle { $0.append((process, uses)) } }
  }

  /// This program; on Linux also after its file was replaced by a newer one.
  private static var ownExecutable: String {
    #if canImport(Darwin)
      var size: UInt32 = 0
      _ = unsafe _NSGetExecutablePath(nil, &size)
      var path = [CChar](repeating: 0, count: Int(size))
      guard unsafe _NSGetExecutablePath(&path, &size) == 0 else { return CommandLine.arguments[0] }
      return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #else
      return "/proc/self/exe"
    #endif
  }
}

/// The same processes, which are not waited for any more once the run is to stop.
private struct StoppingWorkerCoder: PictureCoder {
  let workers: WorkerCoder
  let isCancelled: @Sendable () -> Bool

  func decode(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions
  ) async throws(CodingError) -> Image {
    try await workers.decode(bytes, limits: limits, options: options, until: isCancelled)
  }

  func encode(
    _ image: consuming Image, as format: ImageFormat, options: EncodeOptions
  ) async throws(CodingError) -> [UInt8] {
    try await workers.encode(image, as: format, options: options, until: isCancelled)
  }
}
