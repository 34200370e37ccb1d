package import Acuity
import Dispatch

/// Turns files into pictures and back, in this process or in another.
package protocol PictureCoder: Sendable {
  /// Gets ready for the first picture in the background, while the caller goes on; need not be called.
  func prepare()

  func decode(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions
  ) async throws(CodingError) -> Image

  /// The picture is not kept longer than the codec needs it.
  func encode(
    _ image: consuming Image, as format: ImageFormat, options: EncodeOptions
  ) async throws(CodingError) -> [UInt8]

  /// The same codecs, for which is waited only until `isCancelled` says true; it is asked several times a second.
  func stopping(when isCancelled: @escaping @Sendable () -> Bool) -> any PictureCoder
}

extension PictureCoder {
  package func prepare() {}

  package func stopping(when isCancelled: @escaping @Sendable () -> Bool) -> any PictureCoder { self }
}

/// Why a picture was not decoded or encoded.
package enum CodingError: Error, Sendable, Equatable {
  /// What the codec says of the picture.
  case picture(ImageFileError.Cause)
  /// The codec, or rather the process it ran in, has crashed, hung, run out of memory or answered nonsense over
  /// this picture.
  case codecLost(String)
  /// No codec process could be started: the system's fault.
  case noProcess(String)
  /// The run is to stop, and the codec was not waited for.
  case cancelled
}

/// The codecs in this process: no isolation, for embedding and for trusted files.
package struct InProcessCoder: PictureCoder {
  package init() {}

  package func decode(
    _ bytes: [UInt8], limits: Limits, options: ReadOptions
  ) async throws(CodingError) -> Image {
    try await offloaded { () throws(CodingError) in
      do throws(ImageFileError) {
        return try ImageFile.read(bytes: bytes, limits: limits, options: options)
      } catch {
        throw .picture(error.cause)
      }
    }
  }

  package func encode(
    _ image: consuming Image, as format: ImageFormat, options: EncodeOptions
  ) async throws(CodingError) -> [UInt8] {
    let image = Handover(image)
    return try await offloaded { () throws(CodingError) in
      do throws(ImageFileError) {
        return try ImageFile.encode(image.take(), as: format, options: options)
      } catch {
        throw .picture(error.cause)
      }
    }
  }
}

/// Runs what blocks (files, pipes, codecs) beside the cooperative threads, of which there are only as many as
/// cores.
package func offloaded<Result: Sendable, Problem: Error>(
  _ body: @escaping @Sendable () throws(Problem) -> Result
) async throws(Problem) -> Result {
  let result: Swift.Result<Result, Problem> = await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      do throws(Problem) {
        continuation.resume(returning: .success(try body()))
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
  }
  return try result.get()
}
