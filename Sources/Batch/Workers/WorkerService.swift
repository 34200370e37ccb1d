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
    guard let request = try? EncodeRequest(head: head), frame.body == request.bodyCount else {
      throw .garbage
    }
    WorkerSandbox.allow(request.allowance)
    let body = WorkerBody(channel, count: frame.body)
    #if DEBUG
      if let faults = WorkerFaults.asked, let xmp = request.picture.metadata.xmp, faults.hasOne(in: xmp) {
        try body.finish()
        faults.commit(in: xmp, channel)
      }
    #endif
    let picture = unsafe IncomingPicture(
      request.picture.size, request.picture.layout, depth: request.picture.depth,
      metadata: request.picture.metadata, source: { unsafe body.read($0) })
    let result: Result<EncodedFile, ImageFileError>
    do throws(ImageFileError) {
      result = .success(try ImageFile.encode(picture, as: request.format, options: request.options))
    } catch {
      result = .failure(error)
    }
    // Who still sends samples takes no answer.
    try body.finish()
    switch result {
    case .success(let file): try channel.send(.file, file: file)
    case .failure(let error): try refuse(error.cause, channel)
    }
  }

  private static func refuse(
    _ cause: ImageFileError.Cause, _ channel: WorkerChannel
  ) throws(WorkerChannel.Problem) {
    var writer = WireWriter()
    writer.append(cause)
    try channel.send(.refusal, head: writer.bytes)
  }
}
