import Acuity
import Stages

// The codecs' own errors on their way from the worker.

extension WireWriter {
  mutating func append(_ cause: ImageFileError.Cause) {
    func begin(_ kind: UInt8) { append(kind) }
    switch cause {
    case .cannotOpen(let errno):
      begin(0)
      append(Int(errno))
    case .cannotRead(let errno):
      begin(1)
      append(Int(errno))
    case .notARegularFile(let kind):
      begin(2)
      append(kind)
    case .fileTooLarge(let bytes, let limit):
      begin(3)
      append(bytes)
      append(limit)
    case .changedWhileReading: begin(4)
    case .empty: begin(5)
    case .unknownFormat: begin(6)
    case .corrupt(let format, let detail):
      begin(7)
      append(format)
      append(detail)
    case .truncated(let format, let detail):
      begin(8)
      append(format)
      append(detail)
    case .unsupported(let format, let detail, let advice):
      begin(9)
      append(format)
      append(detail)
      append(advice)
    case .animated(let format, let frames):
      begin(10)
      append(format)
      append(frames) { $0.append($1) }
    case .cmyk(let format):
      begin(11)
      append(format)
    case .tooManyPixels(let size, let limit):
      begin(12)
      append(size)
      append(limit)
    case .dimensionTooLarge(let size, let limit):
      begin(13)
      append(size)
      append(limit)
    case .outOfMemory(let bytes):
      begin(14)
      append(bytes) { $0.append($1) }
    case .cannotHold(let format, let problem, let advice):
      begin(15)
      append(format)
      append(problem)
      append(advice)
    case .invalidOption(let text):
      begin(16)
      append(text)
    case .encodingFailed(let format, let detail):
      begin(17)
      append(format)
      append(detail)
    }
  }
}

extension WireReader {
  mutating func cause() throws(WireError) -> ImageFileError.Cause {
    switch try byte() {
    case 0: .cannotOpen(errno: Int32(truncatingIfNeeded: try int()))
    case 1: .cannotRead(errno: Int32(truncatingIfNeeded: try int()))
    case 2: .notARegularFile(kind: try words())
    case 3: .fileTooLarge(bytes: try int(), limit: try int())
    case 4: .changedWhileReading
    case 5: .empty
    case 6: .unknownFormat
    case 7: .corrupt(try format(), try words())
    case 8: .truncated(try format(), try words())
    case 9: .unsupported(try format(), try words(), advice: try words())
    case 10: .animated(try format(), frames: try optional { reader throws(WireError) in try reader.int() })
    case 11: .cmyk(try format())
    case 12: .tooManyPixels(try size(), limit: try int())
    case 13: .dimensionTooLarge(try size(), limit: try int())
    case 14: .outOfMemory(bytes: try optional { reader throws(WireError) in try reader.int() })
    case 15: .cannotHold(try format(), try words(), advice: try words())
    case 16: .invalidOption(try words())
    case 17: .encodingFailed(try format(), try words())
    default: throw WireError()
    }
  }

  /// A text for people from a process that may be hostile: escaped, and not endless.
  private mutating func words() throws(WireError) -> String {
    printable(try text(), limit: 400)
  }
}
