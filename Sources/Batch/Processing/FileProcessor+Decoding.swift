import Acuity

extension FileProcessor {
  /// The picture in a file's bytes, and what is wrong with them where it was taken as far as it decodes: first nothing is
  /// accepted, so that what comes of damage is known.
  func decode(_ bytes: [UInt8], label: String) async throws(Failure) -> (image: Image, damage: String?) {
    var options = job.reading
    options.acceptsDamage = false
    let cause: ImageFileError.Cause
    do throws(CodingError) {
      return (try await coder.decode(bytes, limits: job.limits, options: options), nil)
    } catch {
      guard case .picture(let problem) = error, problem.isDamage else {
        throw Failure(error, in: label)
      }
      cause = problem
    }
    guard job.reading.acceptsDamage else { throw Failure(cause, in: label, advice: job.tolerance) }
    do throws(CodingError) {
      return (try await coder.decode(bytes, limits: job.limits, options: job.reading), "\(cause)")
    } catch {
      throw Failure(error, in: label)
    }
  }
}

extension Job {
  /// What else can be done with a damaged file.
  var tolerance: String { ", or take what decodes of it" + hint((.tolerant, ["true"])) }
}

extension ImageFileError.Cause {
  /// Whether the file is damaged or cut, and may decode in part.
  var isDamage: Bool {
    switch self {
    case .corrupt(let format, _), .truncated(let format, _): format == .png || format == .jpeg
    default: false
    }
  }
}
