import Folders
package import ImageFiles
import Pixels
import SuperResolution

/// The pictures to learn from, in memory: each one's luma and the degraded versions of it, divided by 255.
package struct TrainingSet: Sendable {
  package struct Picture: Sendable {
    package let name: String
    /// Number of the file that it is from, among those that are pictures: a picture and its reduced forms have the same.
    package let source: Int
    /// Whether there is to be a larger form of it.
    package let isReduced: Bool
    package let width: Int
    package let height: Int
    package let truth: [Float]
    /// One for each variant of the degradations, of the truth's size.
    package let inputs: [[Float]]
  }

  package let pictures: [Picture]
  /// Names of the variants: `x2`.
  package let variants: [String]
  /// Indices of the variants, each as often as patches are drawn from it compared with the others.
  package let draws: [Int]
  /// Files that could not be read, and why.
  package let refused: [String]
  /// Files that are in the list before, be it by another name; they count once.
  package let repeated: [String]
  /// Pictures left out because they are smaller than a patch, or because the memory was full.
  package let tooSmall: Int
  package let beyondMemory: Int
  /// What the sides were cut to a multiple of, as all scales together need.
  package let divisor: Int

  package var bytes: Int {
    pictures.reduce(0) { $0 + $1.truth.count * (1 + $1.inputs.count) * MemoryLayout<Float>.stride }
  }

  /// Of the variants each is drawn as often as it is in `draws`, or all alike.
  package init(pictures: [Picture], variants: [String], draws: [Int]? = nil) {
    self.pictures = pictures
    self.variants = variants
    self.draws = draws ?? Array(variants.indices)
    (refused, repeated, tooSmall, beyondMemory, divisor) = ([], [], 0, 0, 1)
  }

  /// Reads every picture of the folders, at any depth, in order of their names.
  ///
  /// - Parameters:
  ///   - folders: folders of pictures, or single files, as bytes.
  ///   - degradations: applied once, here.
  ///   - reductions: factors of 0...1 by which each picture is also reduced first, for finer detail.
  ///   - minimumSide: smaller pictures are left out.
  ///   - maxBytes: of all samples, with what reading a picture takes on the way. Pictures beyond it are left out, found by
  ///     their headers before anything is decoded, the last ones first.
  ///   - seed: of what the degradations draw; each picture has its own stream.
  ///   - threads: to read with; the set does not depend on it.
  ///   - limits: of the files.
  ///   - reading: what is accepted as a picture.
  ///   - describe: says why a file is no picture to learn from, in the words of who gave the folders.
  /// - Throws: `.noFolder` where one is missing, `.noPictures` where none is left.
  package init(
    folders: [[UInt8]], degradations: DegradationChain, reductions: [Double] = [1], minimumSide: Int,
    maxBytes: Int, seed: UInt64, threads: Int = 1, limits: Limits = Limits(),
    reading: ReadOptions = ReadOptions(), describe: @Sendable (ImageFileError) -> String = { "\($0)" }
  ) throws(TrainingError) {
    var found: [PictureFile] = []
    for folder in folders { found += try PictureFile.files(in: folder) }
    let (files, repeats) = PictureFile.withoutRepeats(found)
    repeated = repeats.map(\.name)
    (variants, draws) = (degradations.variants, degradations.draws)
    let plan = LoadingPlan(
      files, degradations: degradations, reductions: reductions, minimumSide: minimumSide, maxBytes: maxBytes,
      limits: limits, describe: describe)
    var pictures: [Picture] = []
    var refused = plan.refused
    for wave in plan.waves {
      var results = [Result<Picture, Refusal>?](repeating: nil, count: wave.count)
      results.withUnsafeMutableBufferPointer { results in
        nonisolated(unsafe) let results = results
        share(wave.count, among: threads) { index, _ in
          let job = plan.jobs[wave.lowerBound + index]
          var random = RandomSource(seed: seed &+ UInt64(job.number))
          results[index] = Self.load(job, degradations, limits, reading, describe, &random)
        }
      }
      for case .some(let result) in results {
        switch result {
        case .success(let picture): pictures.append(picture)
        // Once, however often the picture would have been reduced.
        case .failure(let refusal): if refused.last != refusal { refused.append(refusal) }
        }
      }
    }
    self.pictures = pictures
    self.refused = refused.sorted { $0.source < $1.source }.map(\.reason)
    tooSmall = plan.tooSmall
    beyondMemory = plan.beyondMemory
    divisor = degradations.divisor
    if pictures.isEmpty {
      throw .noPictures(
        folders: folders.map { escaped($0) }, patch: minimumSide, divisor: divisor,
        because: self.refused.first, beyondMemory: beyondMemory)
    }
  }
}

extension TrainingSet {
  private static func load(
    _ job: LoadingPlan.Job, _ degradations: DegradationChain, _ limits: Limits, _ reading: ReadOptions,
    _ describe: (ImageFileError) -> String, _ random: inout RandomSource
  ) -> Result<Picture, Refusal> {
    do {
      var luma = try picture(job.file, limits, reading)
      if job.reduction != 1 { luma = luma.resized(to: job.size).roundedTo8Bits() }
      let truth = luma.cropped(toMultipleOf: degradations.divisor)
      var inputs: [[Float]] = []
      for variant in degradations.variants.indices {
        let input = try degradations.input(for: truth, variant: variant, random: &random)
        inputs.append(input.map { Float($0 / 255) })
      }
      let name = job.file.name
      return .success(
        Picture(
          name: job.reduction == 1 ? name : "\(name) reduced by \(job.reduction)", source: job.source,
          isReduced: job.isReduced, width: truth.width, height: truth.height,
          truth: truth.samples.map { Float($0 / 255) }, inputs: inputs))
    } catch {
      let reason = (error as? ImageFileError).map(describe) ?? "\(error)"
      return .failure(Refusal(source: job.source, reason: reason))
    }
  }

  /// A file's luma, rounded to 8 bits as the published evaluations have it, whatever the file's depth; its samples as they
  /// were stored are gone when this returns.
  private static func picture(
    _ file: PictureFile, _ limits: Limits, _ reading: ReadOptions
  ) throws -> DoublePlane {
    let image = try ImageFile.read(pathBytes: file.path, limits: limits, options: reading)
    return YCbCr.luma(of: image, rounded: false).roundedTo8Bits()
  }
}
