import ImageFiles
import Pixels

/// Why a file is left out.
struct Refusal: Error, Equatable {
  /// Number of the file, or of the picture before which it comes.
  let source: Int
  let reason: String
}

/// Which pictures a training set will have, found out from the files' headers: so the bound on its memory holds before a
/// picture is decoded, and on every machine for the same pictures.
struct LoadingPlan {
  /// One picture of the set to be.
  struct Job {
    let file: PictureFile
    /// Number of the file among those that are pictures.
    let source: Int
    /// Number of the picture among all that were thought of: its random numbers start from it.
    let number: Int
    let reduction: Double
    /// Whether the picture is wanted in a larger form too.
    let isReduced: Bool
    /// After the reduction.
    let size: Size
    /// Bytes that it takes on the way.
    let working: Int
  }

  private(set) var jobs: [Job] = []
  private(set) var refused: [Refusal] = []
  private(set) var tooSmall = 0
  private(set) var beyondMemory = 0
  /// Jobs that can be done side by side.
  private(set) var waves: [Range<Int>] = []

  /// Bytes for each pixel while a picture is read: it, its luma and the steps of a degradation, in double precision. Twice
  /// what was measured for photographs.
  static let workingBytes = 40

  init(
    _ files: [PictureFile], degradations: DegradationChain, reductions: [Double], minimumSide: Int,
    maxBytes: Int, limits: Limits = Limits(), describe: (ImageFileError) -> String = { "\($0)" }
  ) {
    let divisor = degradations.divisor
    let largest = reductions.max() ?? 1
    let samples = (1 + degradations.variants.count) * MemoryLayout<Float>.stride
    var (bytes, working) = (0, 0)
    // Of pictures alone: what else lies in a folder, or comes to lie there, changes neither what is held out nor what is drawn.
    var source = 0
    for file in files {
      let full: Size
      do throws(ImageFileError) {
        full = try ImageFile.header(pathBytes: file.path, limits: limits).size
      } catch {
        refused.append(Refusal(source: source, reason: describe(error)))
        continue
      }
      defer { source += 1 }
      for (index, reduction) in reductions.enumerated() {
        let size = full.reduced(by: reduction)
        let (width, height) = (size.width - size.width % divisor, size.height - size.height % divisor)
        if min(width, height) < max(minimumSide, 1) {
          tooSmall += 1
          continue
        }
        let job = Job(
          file: file, source: source, number: source * reductions.count + index, reduction: reduction,
          isReduced: reduction < largest, size: size,
          working: Self.product(full.width, full.height, Self.workingBytes))
        let kept = Self.product(width, height, samples)
        let room = maxBytes - bytes - max(working, job.working)
        if job.working > maxBytes || kept > room {
          beyondMemory += 1
        } else {
          bytes += kept
          working = max(working, job.working)
          jobs.append(job)
        }
      }
    }
    // One picture fits beside all that is kept; more at a time where there is room.
    waves = Self.waves(jobs, maxBytes - bytes)
  }

  /// Runs of jobs that together take no more than `limit`.
  private static func waves(_ jobs: [Job], _ limit: Int) -> [Range<Int>] {
    var waves: [Range<Int>] = []
    var (start, sum) = (0, 0)
    for (index, job) in jobs.enumerated() {
      if sum + job.working > limit, index > start {
        waves.append(start..<index)
        (start, sum) = (index, 0)
      }
      sum += job.working
    }
    if start < jobs.count { waves.append(start..<jobs.count) }
    return waves
  }

  /// Of sizes that a header claims, whatever they are.
  private static func product(_ width: Int, _ height: Int, _ bytes: Int) -> Int {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let (result, overflows) = pixels.multipliedReportingOverflow(by: bytes)
    return overflow || overflows ? .max : result
  }
}

extension Size {
  fileprivate func reduced(by factor: Double) -> Size {
    if factor == 1 { return self }
    return Size(
      width: Int((Double(width) * factor).rounded()), height: Int((Double(height) * factor).rounded()))
  }
}
