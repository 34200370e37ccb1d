import Dispatch
import Foundation
import ImageFiles
import Pixels

/// The pictures to learn from, in memory: each one's luma and the degraded versions of it, divided by 255.
package struct TrainingSet: Sendable {
  package struct Picture: Sendable {
    package let name: String
    /// Number of the file that it is from: a picture and its reduced forms have the same.
    package let source: Int
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
  /// Files that could not be read, and why.
  package let refused: [String]
  /// Pictures left out because they are smaller than a patch, or because the memory was full.
  package let tooSmall: Int
  package let beyondMemory: Int

  package var bytes: Int {
    pictures.reduce(0) { $0 + $1.truth.count * (1 + $1.inputs.count) * MemoryLayout<Float>.stride }
  }

  package init(pictures: [Picture], variants: [String]) {
    self.pictures = pictures
    self.variants = variants
    (refused, tooSmall, beyondMemory) = ([], 0, 0)
  }

  /// Reads every picture of the folders, at any depth, in order of their names.
  ///
  /// - Parameters:
  ///   - folders: folders of pictures, or single files.
  ///   - degradations: applied once, here.
  ///   - reductions: factors of 0...1 by which each picture is also reduced first, for finer detail.
  ///   - minimumSide: smaller pictures are left out.
  ///   - maxBytes: of all samples; pictures beyond it are left out, the last ones first.
  ///   - seed: of what the degradations draw; each picture has its own stream.
  /// - Throws: `.noPictures` where none is left.
  package init(
    folders: [String], degradations: DegradationChain, reductions: [Double] = [1], minimumSide: Int,
    maxBytes: Int, seed: UInt64
  ) throws(TrainingError) {
    let files = folders.flatMap { Self.files(in: $0) }
    let jobs = files.indices.flatMap { file in reductions.map { (file, $0) } }
    variants = degradations.variants
    var results = [Result?](repeating: nil, count: jobs.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
        let (file, reduction) = jobs[index]
        var random = RandomSource(seed: seed &+ UInt64(index))
        results[index] = Self.load(
          files[file], source: file, reduction: reduction, degradations: degradations,
          minimumSide: minimumSide, random: &random)
      }
    }
    var pictures: [Picture] = []
    var refused: [String] = []
    var (tooSmall, beyondMemory, bytes) = (0, 0, 0)
    for case .some(let result) in results {
      switch result {
      // Once, however often the picture would have been reduced.
      case .refused(let reason): if refused.last != reason { refused.append(reason) }
      case .tooSmall: tooSmall += 1
      case .picture(let picture):
        let size = picture.truth.count * (1 + picture.inputs.count) * MemoryLayout<Float>.stride
        if bytes + size > maxBytes {
          beyondMemory += 1
        } else {
          bytes += size
          pictures.append(picture)
        }
      }
    }
    self.pictures = pictures
    self.refused = refused
    self.tooSmall = tooSmall
    self.beyondMemory = beyondMemory
    if pictures.isEmpty { throw .noPictures(folders: folders, patch: minimumSide) }
  }

  /// Every n-th file's picture apart from the others, to measure on; its reduced forms in neither.
  package func split(holdingOutEvery n: Int) -> (training: TrainingSet, heldOut: TrainingSet) {
    func isHeldOut(_ picture: Picture) -> Bool { picture.source % n == n / 2 }
    return (
      TrainingSet(pictures: pictures.filter { !isHeldOut($0) }, variants: variants),
      TrainingSet(pictures: pictures.filter { isHeldOut($0) && !$0.isReduced }, variants: variants)
    )
  }
}

extension TrainingSet {
  private enum Result: Sendable {
    case picture(Picture)
    case tooSmall
    case refused(String)
  }

  private static func files(in folder: String) -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue
    else { return [folder] }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    // By bytes: String's own order depends on the Unicode version.
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return sorted.map { folder + "/" + $0 }.filter { path in
      FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }
  }

  private static func load(
    _ file: String, source: Int, reduction: Double, degradations: DegradationChain, minimumSide: Int,
    random: inout RandomSource
  ) -> Result {
    do {
      let image = try ImageFile.read(file)
      let divisor = degradations.divisor
      var luma = DegradedPicture(
        width: image.width, height: image.height, samples: trainingLuma(of: image))
      if reduction != 1 {
        let width = Int((Double(luma.width) * reduction).rounded())
        let height = Int((Double(luma.height) * reduction).rounded())
        if min(width, height) < max(minimumSide, divisor) { return .tooSmall }
        luma = DegradedPicture(
          width: width, height: height,
          samples: imresize(
            luma.samples, width: luma.width, height: luma.height, toWidth: width, toHeight: height
          ).map { min(max($0.rounded(), 0), 255) })
      }
      let truth = luma.cropped(toMultipleOf: divisor)
      if min(truth.width, truth.height) < minimumSide { return .tooSmall }
      var inputs: [[Float]] = []
      for variant in degradations.variants.indices {
        let input = try degradations.input(for: truth, variant: variant, random: &random)
        inputs.append(input.map { Float($0 / 255) })
      }
      return .picture(
        Picture(
          name: reduction == 1 ? file : "\(file) reduced by \(reduction)", source: source,
          isReduced: reduction != 1, width: truth.width, height: truth.height,
          truth: truth.samples.map { Float($0 / 255) }, inputs: inputs))
    } catch {
      return .refused("\(error)")
    }
  }
}

extension DegradedPicture {
  fileprivate func cropped(toMultipleOf divisor: Int) -> DegradedPicture {
    let (width, height) = (self.width - self.width % divisor, self.height - self.height % divisor)
    if width == self.width, height == self.height { return self }
    return DegradedPicture(
      width: width, height: height,
      samples: (0..<height).flatMap { y in samples[y * self.width..<y * self.width + width] })
  }
}
