import Acuity

/// A file that a codec's process decodes before anybody has asked for it.
struct ForeseenPicture {
  let bytes: [UInt8]
  let request: DecodeRequest
  let process: WorkerProcess

  /// Sends the request; false if the caller would have to wait for the process, or it has died.
  func send() -> Bool {
    let head = request.head
    guard process.takesAtOnce(WorkerFrame.length + head.count + bytes.count) else { return false }
    let channel = process.channel(seconds: request.allowance.seconds)
    return (try? channel.send(.decode, head: head, body: bytes)) != nil
  }

  /// Whether this is the file and the way to decode it that is asked for.
  func `is`(_ bytes: [UInt8], _ request: DecodeRequest) -> Bool {
    self.request == request && self.bytes == bytes
  }
}
