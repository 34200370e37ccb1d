import Acuity

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a codec worker does: reads requests from its standard input and answers them on its standard output, until
/// the input ends.
package enum WorkerService {
  /// Returns when the other side has closed the pipe, or sent what is no request.
  package static func run() {
    guard let channel = WorkerSandbox.enter() else { return }
    while let (frame, head) = try? channel.receive() {
      do throws(WorkerChannel.Problem) {
        switch frame.kind {
        case .decode: try decode(frame, head, channel)
        case .encode: try encode(frame, head, channel)
        case .picture, .file, .refusal: return
        }
      } catch {
        return
      }
    }
  }

  private static func decode(
    _ frame: WorkerFrame, _ head: [UInt8], _ channel: WorkerChannel
  ) throws(WorkerChannel.Problem) {
    guard let request = try? DecodeRequest(head: head) else { throw .garbage }
    WorkerSandbox.allow(request.allowance)
    let bytes = try channel.body(frame.body)
    #if DEBUG
      WorkerFaults.asked?.commit(in: bytes, channel)
    #endif
    let result: Result<Image, ImageFileError>
    do throws(ImageFileError) {
      result = .success(try ImageFile.read(bytes: bytes, limits: request.limits, options: request.options))
    } catch {
      result = .failure(error)
    }
    switch result {
    case .success(let image):
      try channel.send(.picture, head: PictureHead(image).head, samples: image.samples)
    case .failure(let error): try refuse(error.cause, channel)
    }
  }

  private static func encode(
    _ frame: WorkerFrame, _ head: [UInt8], _ channel: WorkerChannel
  ) throws(WorkerChannel.Problem) {
    guard let request = try? EncodeRequest(head: head), frame.body == request.picture.byteCount else {
      throw .garbage
    }
    WorkerSandbox.allow(request.allowance)
    let samples = try channel.samples(request.picture.sampleCount, depth: request.picture.depth)
    #if DEBUG
      if let xmp = request.picture.metadata.xmp { WorkerFaults.asked?.commit(in: xmp, channel) }
    #endif
    let image = request.picture.image(samples)
    let result: Result<[UInt8], ImageFileError>
    do throws(ImageFileError) {
      result = .success(try ImageFile.encode(image, as: request.format, options: request.options))
    } catch {
      result = .failure(error)
    }
    switch result {
    case .success(let bytes): try channel.send(.file, head: [], body: bytes)
    case .failure(let error): try refuse(error.cause, channel)
    }
    // The answer is waited for; to give back the memory of a picture takes a while.
    withExtendedLifetime(image) {}
  }

  private static func refuse(
    _ cause: ImageFileError.Cause, _ channel: WorkerChannel
  ) throws(WorkerChannel.Problem) {
    var writer = WireWriter()
    writer.append(cause)
    try channel.send(.refusal, head: writer.bytes)
  }
}
