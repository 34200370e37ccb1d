import Acuity
import CAcuityPlugin
import Pixels
import Synchronization

/// A plug-in with its options set, as a stage.
///
/// A plug-in's instance is never called from two threads at a time, so every picture in work has one of its own:
/// made when it is first needed, kept for the pictures to come.
final class PlugInStage: Stage {
  private let plugIn: PlugIn
  private let values: PlugInValues
  private let files: [String: [UInt8]]
  private let idle = Mutex<[Instance]>([])

  /// Makes the first instance, so that options the plug-in refuses are told before any picture.
  init(_ plugIn: PlugIn, options: StageOptions, environment: StageEnvironment) throws(StageError) {
    self.plugIn = plugIn
    files = options.files(in: environment)
    values = PlugInValues(plugIn.options, options, files: files)
    let first = try instance()
    idle.withLock { $0.append(first) }
  }

  /// The library's and that of the files that options name, as they are on the disk: a plug-in that is built again makes
  /// results of its own, and so does one with a file that was changed. Of what cannot be read `create` has made what it could.
  var loadedContent: [UInt8] {
    files.sorted { $0.key < $1.key }.reduce(into: plugIn.content) { content, file in
      guard let bytes = try? FileBytes.read(path: file.value, limit: .max) else { return }
      content += Array("\n\(file.key) \(bytes.count)\n".utf8) + bytes
    }
  }

  /// Nothing is known of its speed.
  var relativeCost: Double { 4 }

  func outputSize(for input: Size) throws -> Size {
    guard let function = plugIn.functions.outputSize else { return input }
    // Twice, for a size that is another one each time would look like a file that was replaced since the run was planned.
    let first = try announcedSize(for: input, function)
    let second = try announcedSize(for: input, function)
    guard first == second else {
      throw failure(
        "it announces an output of \(first.width)x\(first.height) pixels and then one of "
          + "\(second.width)x\(second.height) for the same picture")
    }
    return first
  }

  private func announcedSize(
    for input: Size, _ function: PlugIn.Functions.OutputSize
  ) throws(StageError) -> Size {
    try withInstance { instance throws(StageError) in
      var (width, height): (Int64, Int64) = (0, 0)
      try call("output_size") { error, capacity in
        function(instance, Int64(input.width), Int64(input.height), &width, &height, error, capacity)
      }
      let sides = 1...Int64(TargetSize.largestSide)
      guard sides.contains(width), sides.contains(height) else {
        throw failure("it announces an output of \(width)x\(height) pixels, which can't be")
      }
      return Size(width: Int(width), height: Int(height))
    }
  }

  func workingMemory(for input: Size, layout: Image.Layout) throws -> Int {
    let output = try outputSize(for: input)
    return PlugInPlanes.bytes(input, channels: layout.channels)
      + PlugInPlanes.bytes(output, channels: layout.channels)
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    try context.checkCancellation()
    let size = try outputSize(for: image.size)
    guard let input = PlugInPlanes(size: image.size, layout: image.layout),
      let output = PlugInPlanes(size: size, layout: image.layout)
    else { throw failure("there isn't enough memory for its planes") }
    input.read(image)
    try withInstance { instance throws(StageError) in
      let pictures = output.withPicture { to in
        input.withPicture { from in
          Result { () throws(StageError) in
            try call("process") { error, capacity in
              plugIn.functions.process(instance, from, to, error, capacity)
            }
          }
        }
      }
      guard let result = pictures ?? nil else {
        throw failure("it changed the description of a picture, which is not its to change")
      }
      try result.get()
    }
    try context.checkCancellation()
    if let fault = output.fault() { throw failure(fault) }
    if let fault = input.overrun() { throw failure("\(fault) of the picture that it was to read") }
    var picture = image.rewritten(size: size) { _, writer in output.write(to: writer) }
    if size != image.size { picture.metadata = image.metadata.updated(for: size) }
    return picture
  }

  // MARK: - Instances

  /// What `create` made; nothing else is known of it.
  private struct Instance: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
  }

  deinit {
    guard let destroy = plugIn.functions.destroy else { return }
    for instance in idle.withLock({ $0 }) { _ = Surroundings.keeping { destroy(instance.pointer) } }
  }

  private func withInstance<Result>(
    _ body: (UnsafeMutableRawPointer?) throws(StageError) -> Result
  ) throws(StageError) -> Result {
    let instance = if let kept = idle.withLock({ $0.popLast() }) { kept } else { try instance() }
    defer { idle.withLock { $0.append(instance) } }
    return try body(instance.pointer)
  }

  private func instance() throws(StageError) -> Instance {
    var pointer: UnsafeMutableRawPointer?
    try values.withValues { values throws(StageError) in
      try call("create") { error, capacity in
        plugIn.functions.create(values, &pointer, error, capacity)
      }
    }
    return Instance(pointer: pointer)
  }

  // MARK: - Calls

  /// Calls a function of the plug-in with a buffer for its error text.
  private func call(
    _ function: String, _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) throws(StageError) {
    let capacity = 1024
    var text = [CChar](repeating: 0, count: capacity)
    let (result, hasMoved) = Surroundings.keeping {
      text.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map { body($0, capacity) } ?? -1 }
    }
    if hasMoved { throw failure(WorkingFolder.fault) }
    guard result != 0 else { return }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    throw failure(
      bytes.isEmpty
        ? "its function \(function) failed with \(result) and says no more"
        : printable(String(decoding: bytes, as: UTF8.self), limit: 400))
  }

  private func failure(_ reason: String) -> StageError {
    .plugInFailed(stage: plugIn.name, path: plugIn.path, reason: reason)
  }
}
