import Acuity
import Folders
import Foundation

/// A piece of a picture before and after: the input, enlarged bicubically to the output's size, and the output.
package struct ReportSample: Sendable {
  /// The input's name, escaped.
  let label: String
  /// Of the piece, in pixels of the output.
  let size: Size
  /// As data URLs.
  package let before: String
  package let after: String
  /// What has been done to it.
  let stages: String

  /// The largest piece.
  static let largest = Size(width: 480, height: 360)
  /// Larger pictures are no samples: decoding them for a piece isn't worth its time and memory.
  static let mostPixels = 24_000_000
}

extension ReportSample {
  /// Pieces of up to `count` of a batch's pictures, spread over the batch. What can't be read any more is left out.
  ///
  /// They are taken side by side, as many as together are no larger than the largest that there may be.
  package static func take(
    _ count: Int, from summary: BatchSummary, job: Job, coder: any PictureCoder
  ) async -> [ReportSample] {
    let candidates = summary.outcomes.compactMap { outcome in
      outcome.sampledPixels.flatMap { $0 <= mostPixels ? (outcome, pixels: $0) : nil }
    }
    let wanted = min(count, candidates.count)
    let chosen = (0..<wanted).map { candidates[$0 * candidates.count / wanted] }
    let largest = chosen.map(\.pixels).max() ?? mostPixels
    let width = min(coreCount(), mostPixels / largest)
    return await withTaskGroup(of: (index: Int, sample: ReportSample?).self) { group in
      var samples = [ReportSample?](repeating: nil, count: wanted)
      for (index, (outcome, _)) in chosen.enumerated() {
        if index >= width, let done = await group.next() { samples[done.index] = done.sample }
        group.addTask { (index, try? await ReportSample(outcome, job: job, coder: coder)) }
      }
      for await done in group { samples[done.index] = done.sample }
      return samples.compactMap { $0 }
    }
  }

  /// Nil if there is no output, or one that is not a picture of its announced size.
  private init?(_ outcome: FileOutcome, job: Job, coder: any PictureCoder) async throws {
    guard let output = outcome.largestOutput else { return nil }
    let root = job.outputs[output.index].root
    let bytes = try await offloaded { () throws -> (input: [UInt8], output: [UInt8]) in
      let input = try outcome.input.read(limit: job.limits.maxFileSize).bytes
      let folder = try Folder(root).folder(output.path.folder)
      return (input, try folder.read(output.path.name, limit: Int64(job.limits.maxFileSize)).bytes)
    }
    let input = try await coder.decode(bytes.input, limits: job.limits, options: job.reading)
    let result = try await coder.decode(bytes.output, limits: Limits(), options: ReadOptions())
    guard result.size == output.size else { return nil }
    let piece = result.liveliestPiece(Self.largest)
    let before = try await Self.url(input.piece(piece, at: result.size), coder)
    let after = try await Self.url(result.piece(piece, at: result.size), coder)
    label = outcome.input.label
    size = Size(width: piece.width, height: piece.height)
    (self.before, self.after) = (before, after)
    stages = job.outputs[output.index].stageText
  }

  /// JPEG keeps the page small; what has alpha is PNG. Of the metadata only the profile is kept, which colours need:
  /// a report that is passed on shouldn't say where pictures were taken.
  private static func url(_ image: Image, _ coder: any PictureCoder) async throws -> String {
    var image = image
    image.metadata = image.metadata.colorOnly
    let format = image.layout.hasAlpha ? ImageFormat.png : .jpeg
    let bytes = try await coder.encode(image, as: format, options: EncodeOptions(pngLevel: 9, quality: 92))
    return "data:image/\(format.name);base64,\(Data(bytes).base64EncodedString())"
  }
}

extension FileOutcome {
  /// Of the input or the largest output, whichever are more; nil if nothing was made.
  fileprivate var sampledPixels: Int? {
    guard case .done = result, let output = largestOutput, let size else { return nil }
    return max(size.width * size.height, output.size.width * output.size.height)
  }

  /// Of the outputs that were made, the one with the most pixels.
  fileprivate var largestOutput: Output? {
    outputs.max { $0.size.width * $0.size.height < $1.size.width * $1.size.height }
  }
}
