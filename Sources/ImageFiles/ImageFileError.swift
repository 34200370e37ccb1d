public import Pixels

/// Why a picture could not be read or written: the file, the cause, and what to do about it.
public struct ImageFileError: Error, Sendable, Equatable {
  /// The file's name, safe to print: bytes that are no plain text are escaped. Nil when only bytes were given.
  public var file: String?
  /// What is wrong, for programs.
  public var cause: Cause

  /// An error about the file of this name.
  public init(file: String?, cause: Cause) {
    self.file = file
    self.cause = cause
  }

  /// What went wrong.
  public enum Cause: Error, Sendable, Equatable {
    // The file as such.

    /// The system did not open it, and why: a code of `errno`.
    case cannotOpen(errno: Int32)
    /// The system opened it but did not give its bytes.
    case cannotRead(errno: Int32)
    /// A directory, a pipe, a device: `kind` says which.
    case notARegularFile(kind: String)
    /// More bytes than `Limits.maxFileSize`.
    case fileTooLarge(bytes: Int, limit: Int)
    /// It grew or shrank while it was being read.
    case changedWhileReading
    /// It has no bytes.
    case empty

    // Its content.

    /// It begins like no format that is read here.
    case unknownFormat
    /// It breaks the rules of its format; the text says which, for people.
    case corrupt(ImageFormat, String)
    /// It ends too early; the text says where, for people.
    case truncated(ImageFormat, String)
    /// A well-formed file of a kind that Acuity does not decode.
    case unsupported(ImageFormat, String, advice: String)
    /// It is an animation, which `ReadOptions.animation` refuses; of so many frames if its header tells.
    case animated(ImageFormat, frames: Int?)
    /// It has print colours, which `ReadOptions.cmyk` refuses.
    case cmyk(ImageFormat)

    // Limits.

    /// More pixels than `Limits.maxPixels`.
    case tooManyPixels(Size, limit: Int)
    /// A side is longer than `Limits.maxDimension`.
    case dimensionTooLarge(Size, limit: Int)
    /// There is no memory for so many bytes; nil if a library did not tell how many it asked for.
    case outOfMemory(bytes: Int?)

    // Writing.

    /// The format cannot hold such a picture; why, and the way out, for people.
    case cannotHold(ImageFormat, String, advice: String)
    /// An option of `EncodeOptions` is out of its range.
    case invalidOption(String)
    /// The library refused to encode it, in its words.
    case encodingFailed(ImageFormat, String)
  }
}

extension ImageFileError: CustomStringConvertible {
  /// File, cause and advice in a line.
  public var description: String {
    let text = advice.map { "\(cause): \($0)" } ?? "\(cause)"
    return file.map { "\($0): \(text)" } ?? text
  }

  /// What the user can do, where there is something.
  public var advice: String? {
    switch cause {
    case .cannotOpen, .cannotRead, .encodingFailed, .invalidOption, .empty: nil
    case .notARegularFile: "give the name of a picture file"
    case .fileTooLarge: "save it with more compression (programs can raise Limits.maxFileSize)"
    case .changedWhileReading: "try again when its writer has finished"
    case .unknownFormat: "Acuity reads \(ImageFormat.all.map(\.name).joined(separator: ", "))"
    case .corrupt: "get the file again from where it came, or repair it with another program"
    case .truncated: "copy or download it again"
    case .unsupported(_, _, let advice), .cannotHold(_, _, let advice): advice
    case .animated: "take its first frame explicitly"
    case .cmyk: "accept the plain conversion to RGB or convert it with its colour profile"
    case .tooManyPixels: "raise the limit if the file is trusted"
    case .dimensionTooLarge: "cut it into parts (programs can raise Limits.maxDimension)"
    case .outOfMemory: "free memory or choose a smaller picture"
    }
  }
}

extension ImageFileError.Cause: CustomStringConvertible {
  /// The cause as a phrase that follows the file's name.
  public var description: String {
    switch self {
    case .cannotOpen(let code): "cannot be opened: \(systemText(code))"
    case .cannotRead(let code): "cannot be read: \(systemText(code))"
    case .notARegularFile(let kind): "is \(kind), not a regular file"
    case .fileTooLarge(let bytes, let limit): "has \(bytes) bytes, more than the limit of \(limit)"
    case .changedWhileReading: "changed while it was being read"
    case .empty: "is empty (0 bytes)"
    case .unknownFormat: "is no picture in a format that Acuity knows"
    case .corrupt(let format, let detail): "damaged \(format.title): \(detail)"
    case .truncated(let format, let detail): "incomplete \(format.title): \(detail)"
    case .unsupported(let format, let detail, _): "unsupported \(format.title): \(detail)"
    case .animated(let format, let frames):
      "animated \(format.title)" + (frames.map { $0 == 1 ? " (1 frame)" : " (\($0) frames)" } ?? "")
        + " instead of a single picture"
    case .cmyk(let format): "\(format.title) in print colours (CMYK)"
    case .tooManyPixels(let size, let limit):
      "\(size.width)x\(size.height) pixels are more than the limit of \(limit)"
    case .dimensionTooLarge(let size, let limit):
      "\(size.width)x\(size.height): a side is longer than the limit of \(limit) pixels"
    case .outOfMemory(let bytes): "not enough memory" + (bytes.map { " for \($0) bytes" } ?? "")
    case .cannotHold(let format, let problem, _): "\(format.title) cannot hold the picture: \(problem)"
    case .invalidOption(let text): text
    case .encodingFailed(let format, let detail): "encoding as \(format.title) failed: \(detail)"
    }
  }
}

extension ImageFormat {
  /// The name as people write it in a sentence.
  fileprivate var title: String { self == .webp ? "WebP" : name.uppercased() }
}
