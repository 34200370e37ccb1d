import Acuity
import Folders
import Ledger
import Stages

/// One file on its way through the processor.
struct FileWork: ~Copyable {
  let processor: FileProcessor
  /// As planned; once the file is read, by what was read.
  private(set) var file: PlannedFile
  let watch: FileProcessor.Watch
  private(set) var times = FileOutcome.Times()
  /// The input's status as it was read.
  private var status: FileStatus?
  /// What is wrong with the input, where it was taken all the same.
  private var damage: String?
  /// Why an output that is kept may not be good.
  private var doubt: String?
  /// Outputs that are to be made.
  private var orders: [OutputOrder] = []
  /// Why some of the outputs are not made; the others are all the same.
  private var refusal: Failure?
  /// Outputs that were published, in order.
  private(set) var made: [FileOutcome.Output] = []
  /// Ledger keys that are marked as running.
  private var begun: [[UInt8]] = []

  private var job: Job { processor.job }
  private var input: BatchInput { file.input }

  init(processor: FileProcessor, file: PlannedFile, watch: FileProcessor.Watch) {
    self.processor = processor
    self.file = file
    self.watch = watch
  }

  consuming func run() async -> FileOutcome {
    do {
      let reason = try await make()
      return outcome(reason.map { .skipped($0) } ?? .done)
    } catch  where isStop(error) {
      giveBack()
      return outcome(.released("the run was stopped"))
    } catch {
      let failure = Failure(stage: error, in: input.label)
      record(failure)
      return outcome(.failed(failure))
    }
  }

  private func isStop(_ error: any Error) -> Bool {
    error is CancellationError || error as? Failure == .stopped
  }

  private func outcome(_ result: FileOutcome.Result) -> FileOutcome {
    FileOutcome(
      input: input, result: result, size: file.size, byteCount: file.byteCount, orders: orders, outputs: made,
      times: times, damage: damage, doubt: doubt)
  }

  // MARK: Steps

  /// - Returns: nil when outputs were made, else why none had to be.
  private mutating func make() async throws -> String? {
    try checkCancellation()
    if let reason = try processor.reasonToKeepUnread(file) {
      if let refusal = file.refusal { throw refusal }
      return reason
    }

    var (image, kept) = try await load()
    for (index, order) in orders.enumerated() {
      // The last one has it to itself, and gives its memory back as soon as it is computed.
      guard let input = index == orders.count - 1 ? image.take() : image else { break }
      try await attempt(order, consume input)
    }
    if let refusal { throw refusal }
    return orders.isEmpty ? kept : nil
  }

  /// Makes an output, or notes why it cannot be: what is wrong with it costs the others nothing, whichever comes first.
  private mutating func attempt(_ order: OutputOrder, _ image: consuming Image) async throws {
    do {
      try await make(order, image)
    } catch {
      let failure = Failure(stage: error, in: input.label)
      guard !isStop(error), failure.culprit != .diskFull else { throw error }
      refusal = .both(refusal, failure)
    }
  }

  private mutating func make(_ order: OutputOrder, _ image: consuming Image) async throws {
    let processor = processor
    if let fingerprint = order.fingerprint {
      await watch.waiting { await processor.equalWork.enter(fingerprint) }
    }
    defer { if let fingerprint = order.fingerprint { processor.equalWork.leave(fingerprint) } }
    try checkCancellation()
    if try await copyFinished(order) { return }
    let result = try await compute(order, image)
    try checkCancellation()
    try await save(consume result, order)
  }

  /// Finds out what is to be made, and decodes the picture for it.
  ///
  /// - Returns: the picture, nil if it is not needed; and why outputs are kept.
  private mutating func load() async throws -> (Image?, kept: String) {
    let processor = processor
    let watch = watch
    // Only so many files are read and decoded ahead of the computing.
    await watch.waiting { await processor.resources.loading.acquire(1) }
    defer { processor.resources.loading.release(1) }
    try checkCancellation()
    if processor.isDry, !processor.dependsOnContent(file) {
      return (nil, try await decide(nil))
    }
    let content = try await read()
    let kept = try await decide(content)
    if processor.isDry || orders.isEmpty { return (nil, kept) }
    try begin(LedgerEntry.Stamp(content.status))
    let image = try await decode(content)
    refuseTransparency(of: image)
    return (image, kept)
  }

  /// Refuses the outputs that have no place for it, now that the pixels are known and nothing is computed.
  private mutating func refuseTransparency(of image: Image) {
    guard let refused = orders.lazy.compactMap(\.output.unlessOpaque).first, !image.isOpaqueInEightBits
    else { return }
    refusal = .both(refusal, refused)
    orders.removeAll { $0.output.unlessOpaque != nil }
  }

  /// The input's content, with its digest.
  private struct Content: Sendable {
    let bytes: [UInt8]
    let status: FileStatus
    /// nil without a ledger, which alone asks for it.
    let digest: SHA256.Digest?
  }

  private mutating func read() async throws -> Content {
    let processor = processor
    let input = file.input
    let hasLedger = processor.ledger != nil
    let content = try await timed(&times.reading) {
      try await offloaded { () throws(Failure) in
        let content = try input.read(limit: processor.job.limits.maxFileSize)
        return Content(
          bytes: content.bytes, status: content.status,
          digest: hasLedger ? SHA256.digest(content.bytes) : nil)
      }
    }
    // Planned anew from the bytes that are decoded, for the file may be another one by now. That is as good, if it gets by
    // with the names and the memory that are set aside for it.
    let planned = try processor.job.plan(input, bytes: content.bytes)
    if let misfit = file.misfit(of: planned) { throw misfit }
    file = planned
    status = content.status
    return content
  }

  /// Settles what is to be made of the content, nil if that does not depend on it.
  ///
  /// - Returns: why other outputs are kept.
  private mutating func decide(_ content: Content?) async throws -> String {
    let found = try await processor.orders(for: file, status: content?.status, content: content?.digest)
    orders = found.orders
    refusal = .both(found.refusal, file.refusal)
    doubt = found.doubt
    return found.kept
  }

  /// Marks in the ledger what is worked on.
  private mutating func begin(_ stamp: LedgerEntry.Stamp) throws {
    guard let ledger = processor.ledger else { return }
    for order in orders {
      guard let fingerprint = order.fingerprint else { continue }
      let key = processor.key(input, order.output)
      _ = try attempting { () throws(LedgerError) in
        try ledger.begin(key, stamp: stamp, fingerprint: fingerprint)
      }
      begun.append(key)
    }
  }

  private mutating func decode(_ content: Content) async throws -> Image {
    let processor = processor
    let label = input.label
    let (image, damage) = try await timed(&times.decoding) {
      try await processor.decode(content.bytes, label: label)
    }
    guard image.size == file.size, image.layout == file.layout else {
      throw Failure(.input, "\(label): the decoder's picture is not the one that the header promises")
    }
    self.damage = damage
    return image
  }

  private mutating func compute(_ order: OutputOrder, _ image: consuming Image) async throws -> Image {
    let processor = processor
    let watch = watch
    let output = job.outputs[order.output.index]
    let threads = processor.threads(for: order.output)
    await watch.waiting { await processor.resources.threads.acquire(threads) }
    defer { processor.resources.threads.release(threads) }
    try checkCancellation()
    let total = max(1, file.work)
    let work = order.output.work
    let before = file.outputs.prefix { $0.index < order.output.index }.reduce(0) { $0 + $1.work }
    var context = StageContext(
      threads: threads, maxMemory: file.networkMemory(within: processor.resources.memory.total),
      tile: job.tile,
      isCancelled: watch.isCancelled)
    if let report = watch.progress {
      context.progress = { share in report((before + share * work) / total) }
    }
    let (size, format) = (file.size, order.output.format)
    let image = order.output.unlessOpaque == nil ? image : image.withoutOpaqueAlpha()
    return try await timed(&times.computing) { [context] in
      var result = try await output.stages.process(image, context: context)
      result.metadata =
        output.recorded(result.metadata, from: size, to: result.size, in: format).metadata
      return result
    }
  }

  /// Encodes, checks and publishes.
  private mutating func save(_ image: consuming Image, _ order: OutputOrder) async throws {
    let processor = processor
    await watch.waiting { await processor.resources.saving.acquire(1) }
    defer { processor.resources.saving.release(1) }
    try await publish(try await encode(image, order), order, isCopy: false)
  }

  private mutating func encode(_ image: consuming Image, _ order: OutputOrder) async throws -> [UInt8] {
    let processor = processor
    let label = input.label
    var options = order.output.encoding
    options.threads = processor.threads(for: order.output)
    // Which leaves out an alpha that says nothing.
    let mayLoseAlpha =
      order.output.format == .webp && order.output.layout.hasAlpha && image.isOpaqueInEightBits
    let image = Handover(image)
    return try await timed(&times.encoding) { [options] in
      let bytes = try await coding(label) { () throws(CodingError) in
        try await processor.coder.encode(image.take(), as: order.output.format, options: options)
      }
      try await processor.verify(bytes, order.output, label: label, mayLoseAlpha: mayLoseAlpha)
      return bytes
    }
  }

  /// Publishes the output of an equal input under this one's name; false if there is none.
  private mutating func copyFinished(_ order: OutputOrder) async throws -> Bool {
    guard let bytes = try await processor.finishedOutput(like: order.fingerprint, order.output) else {
      return false
    }
    try await publish(bytes, order, isCopy: true)
    return true
  }

  private mutating func publish(_ bytes: [UInt8], _ order: OutputOrder, isCopy: Bool) async throws {
    let processor = processor
    let file = file
    let status = status
    let (path, digest) = try await timed(&times.writing) {
      try await offloaded { () throws(Failure) in
        let isAskedFor = processor.ledger != nil || processor.tellsDigests
        let digest = isAskedFor ? SHA256.digest(bytes) : nil
        let path = try processor.publish(bytes, digest, order, of: file, status: status)
        return (path, digest)
      }
    }
    let key = processor.key(file.input, order.output)
    begun.removeAll { $0 == key }
    made.append(
      FileOutcome.Output(
        index: order.output.index, path: path, size: order.output.size, format: order.output.format,
        byteCount: bytes.count, digest: digest, isCopy: isCopy))
  }

  // MARK: The ledger's end of it

  /// Gives running entries back: it was not the file's fault.
  private func giveBack() {
    for key in begun { try? processor.ledger?.release(key) }
  }

  private func record(_ failure: Failure) {
    switch failure.culprit {
    case .diskFull, .later, .system, .output: giveBack()
    case .input, .usage, .unreadable, .outputName, .model:
      for key in begun { try? processor.ledger?.fail(key, reason: failure.reason) }
    }
  }

  private func checkCancellation() throws {
    if Task.isCancelled || watch.isCancelled?() == true { throw CancellationError() }
  }
}
