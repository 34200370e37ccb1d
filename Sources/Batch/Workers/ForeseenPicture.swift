import Acuity

/// A file that a codec's process decodes before anybody has asked for it.
struct ForeseenPicture {
  let bytes: [UInt8]
  let request: DecodeRequest
  let process: WorkerProcess

  /// Whether the request can be sent without waiting for the process.
  var fits: Bool { process.takesAtOnce(WorkerFrame.length + request.head.count + bytes.count) }

  /// Sends the request; false if the process has died.
  func send() -> Bool {
    let channel = process.channel(seconds: request.allowance.seconds)
    return (try? channel.send(.decode, head: request.head, body: bytes)) != nil
  }

  /// Whether this is the file and the way to decode it that is asked for.
  func `is`(_ bytes: [UInt8], _ request: DecodeRequest) -> Bool {
    self.request == request && self.bytes == bytes
  }
}
