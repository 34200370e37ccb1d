import Acuity
import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whole messages over two descriptors, and how long the other side may do nothing.
struct WorkerChannel {
  let input: Int32
  let output: Int32
  /// Of all transfers together; nil: without end. Only with descriptors that do not block.
  var patience: WorkerPatience?
  /// Asked several times a second while the other side is waited for; true ends the wait. Only with patience.
  var isCancelled: (@Sendable () -> Bool)?

  enum Problem: Error, Equatable {
    /// The other side has gone.
    case closed
    case timeout
    case system(Int32)
    /// Nobody waits for the answer any more.
    case cancelled
    /// What came is no message.
    case garbage
  }

  // MARK: Sending

  func send(_ kind: WorkerFrame.Kind, head: [UInt8], body: [UInt8] = []) throws(Problem) {
    try begin(kind, head: head, body: body.count)
    try unsafe withBytes(body) { (bytes) throws(Problem) in try unsafe write(bytes) }
  }

  /// Sends samples, before them once more those of `ahead`, which are ranges of their bytes.
  func send(
    _ kind: WorkerFrame.Kind, head: [UInt8], samples: Image.Samples, ahead: [Range<Int>] = []
  ) throws(Problem) {
    func send(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
      let front = ahead.reduce(0) { $0 + $1.count }
      try begin(kind, head: head, body: front + bytes.count)
      for range in ahead { try unsafe write(UnsafeRawBufferPointer(rebasing: bytes[range])) }
      try unsafe write(bytes)
    }
    switch samples {
    case .uint8(let values): try unsafe withBytes(values, send)
    case .uint16(let values): try unsafe withBytes(values, send)
    }
  }

  func send(_ kind: WorkerFrame.Kind, file: EncodedFile) throws(Problem) {
    try begin(kind, head: [], body: file.count)
    try unsafe file.forEachPart { part throws(Problem) in try unsafe write(part) }
  }

  /// Sends all of a message but its body.
  private func begin(_ kind: WorkerFrame.Kind, head: [UInt8], body: Int) throws(Problem) {
    let front = WorkerFrame(kind, head: head.count, body: body).bytes + head
    try unsafe withBytes(front) { (bytes) throws(Problem) in try unsafe write(bytes) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var sent = 0
    while sent < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...].prefix(1 << 30))
      let count = unsafe systemWrite(output, rest)
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(output, POLLOUT)
      } else if errno == EPIPE {
        throw .closed
      } else if errno != EINTR {
        throw .system(errno)
      }
    }
  }

  // MARK: Receiving

  /// The next frame and its head; nil when the other side has ended between two messages.
  func receive() throws(Problem) -> (frame: WorkerFrame, head: [UInt8])? {
    guard let front = try bytes(WorkerFrame.length, mayEnd: true) else { return nil }
    do {
      let frame = try WorkerFrame(front)
      guard let head = try bytes(frame.head) else { throw Problem.closed }
      return (frame, head)
    } catch is WireError {
      throw .garbage
    } catch let problem as Problem {
      throw problem
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// A body of bytes.
  func body(_ count: Int) throws(Problem) -> [UInt8] {
    guard let bytes = try bytes(count) else { throw .closed }
    return bytes
  }

  /// A body of samples.
  func samples(_ count: Int, depth: Int) throws(Problem) -> Image.Samples {
    depth == 16 ? .uint16(try array(count)) : .uint8(try array(count))
  }

  private func bytes(_ count: Int, mayEnd: Bool = false) throws(Problem) -> [UInt8]? {
    do {
      return try array(count)
    } catch {
      if mayEnd, error == .closed { return nil }
      throw error
    }
  }

  private func array<Value: FixedWidthInteger>(_ count: Int) throws(Problem) -> [Value] {
    var problem: Problem?
    let values = unsafe [Value](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Problem) {
        try unsafe read(UnsafeMutableRawBufferPointer(buffer))
        filled = count
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return values
  }

  /// Fills memory with what comes next of a body.
  func read(_ bytes: UnsafeMutableRawBufferPointer) throws(Problem) {
    // While a piece is mapped the other side fills the pipe.
    var (got, mapped) = (0, 0)
    while got < bytes.count, let start = bytes.baseAddress {
      if got == mapped {
        mapped = min(got + LargeMemory.piece, bytes.count)
        unsafe LargeMemory.populate(UnsafeMutableRawBufferPointer(rebasing: bytes[got..<mapped]))
      }
      let count = unsafe systemRead(input, start + got, mapped - got)
      if count > 0 {
        got += count
      } else if count == 0 {
        throw .closed
      } else if errno == EAGAIN {
        try wait(input, POLLIN)
      } else if errno != EINTR {
        throw .system(errno)
      }
    }
  }

  private func wait(_ descriptor: Int32, _ event: some BinaryInteger) throws(Problem) {
    var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    if patience != nil, isCancelled?() == true { throw .cancelled }
    let slice = isCancelled == nil ? 1000 : 50
    let start = SuspendingClock.now
    let ready = unsafe poll(&entry, 1, patience == nil ? -1 : Int32(slice))
    if ready < 0, errno != EINTR { throw .system(errno) }
    // Also where something has come: a little now and then is no answer either.
    guard let patience else { return }
    guard patience.allows(.now - start, slice: .milliseconds(slice)) else { throw .timeout }
  }
}

private func withBytes<Value, Result, Problem: Error>(
  _ values: [Value], _ body: (UnsafeRawBufferPointer) throws(Problem) -> Result
) throws(Problem) -> Result {
  var result: Swift.Result<Result, Problem>?
  unsafe values.withUnsafeBytes { bytes in
    do throws(Problem) { result = unsafe .success(try body(bytes)) } catch { result = .failure(error) }
  }
  guard let result else { preconditionFailure("the body was called") }
  return try result.get()
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutableRawPointer, _ count: Int) -> Int {
  unsafe read(descriptor, start, count)
}
