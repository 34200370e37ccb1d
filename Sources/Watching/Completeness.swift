import Acuity
import Batch
import Folders

/// Whether all of a file is there. Its length does not tell: copies over a network, downloads in several parts and programs
/// that take the room first make a file as long as it will be, and what they have not written yet reads as zeros.
///
/// A PNG or JPEG with such a gap does not decode. A WebP or BMP does, whatever stands where its pixels will be: it is not taken
/// while somebody has it open to write to it, as far as the system tells; and where it has zeros, the watcher looks whether
/// parts of it were never written.
struct Completeness {
  let content: FileContent
  /// As it was before the file was read.
  let hasHoles: Bool
  /// The same; nil if the system does not tell. Who came to write later has changed the file's time.
  let isBeingWritten: Bool?
  /// For how long the file has been seen to stay the same.
  let quiet: Duration

  /// How long a file that looks as if it had a gap must stay the same until it is taken as it is.
  static let patience = Duration.seconds(600)
  /// The same where zeros may well be black pixels, and nobody can tell whether it is being written.
  static let shortPatience = Duration.seconds(60)

  /// How a picture of this format stands that would decode; nil if it is as complete as can be known.
  func doubt(about format: ImageFormat) -> Outcome? {
    guard format == .webp || format == .bmp else { return nil }
    if isBeingWritten == true { return writing("somebody is still writing it") }
    guard content.endsInZeros || content.hasZeroSector else { return nil }
    // Compressed data hold no such zeros.
    let patience =
      format == .webp || hasHoles ? Self.patience : isBeingWritten == nil ? Self.shortPatience : .zero
    return waiting("it has zeros in it, as a file has that is not all written yet", patience)
  }

  /// How a picture stands that was not processed; nil if that is not because it is still on its way.
  func doubt(about failure: Failure) -> Outcome? {
    // First, for who writes to a mapping of the file need not change its time when he goes on.
    if failure.culprit == .input, isBeingWritten == true {
      return writing(failure.reason + " (somebody is still writing it)")
    }
    switch failure.cause {
    case .truncated, .empty: return .incomplete(failure.reason)
    // The first bytes do not yet tell the format.
    case .unknownFormat where content.bytes.count < 32: return .incomplete(failure.reason)
    case .corrupt where content.endsInZeros, .unknownFormat where content.endsInZeros:
      return .incomplete(
        failure.reason + " (it ends in zeros, as a file does whose room is taken before its content comes)")
    default: break
    }
    guard failure.culprit == .input else { return nil }
    switch failure.cause {
    case .corrupt, .unknownFormat, nil:
      guard content.hasZeroSector else { return nil }
      return waiting(
        failure.reason + " (it has zeros in it, as a file has that is not all written yet)", Self.patience)
    default: return nil
    }
  }

  private func writing(_ reason: String) -> Outcome { .unfinished(reason, for: Self.rest(after: quiet)) }

  /// For how long a file that somebody is writing, and that has stayed the same for `quiet`, is left alone. Less and less often
  /// looked at: the close may be seen as an event, or may not.
  static func rest(after quiet: Duration) -> Duration { max(.seconds(1), min(quiet, .seconds(60))) }

  private func waiting(_ reason: String, _ patience: Duration) -> Outcome? {
    quiet < patience ? .unfinished(reason, for: patience - quiet) : nil
  }
}

extension FileContent {
  /// Whether the last bytes are zeros. Whole pictures do not end like this: a PNG and a JPEG end in a mark, a WebP in
  /// compressed data; but a BMP may end in black.
  var endsInZeros: Bool { bytes.suffix(64).allSatisfy { $0 == 0 } }

  /// Whether as many zeros as a disk's sector has bytes follow each other somewhere: gaps are no shorter.
  ///
  /// - Complexity: O(bytes / sector) where there are few zeros, O(bytes) at most.
  var hasZeroSector: Bool {
    let sector = 512
    // Any such run has a byte at one of these places.
    return stride(from: sector - 1, to: bytes.count, by: sector).contains { place in
      guard bytes[place] == 0 else { return false }
      let before = bytes[(place - sector + 1)..<place].reversed().prefix { $0 == 0 }.count
      let after = bytes[place...].prefix(sector - before).prefix { $0 == 0 }.count
      return before + after >= sector
    }
  }
}
