import Acuity
import Batch
import Folders
import Ledger
import Stages
import Synchronization
import TestSupport

extension TemporaryFolder {
  /// Writes a file below the folder, making the folders on the way.
  func put(_ content: [UInt8], _ path: String) throws {
    let path = relative(path)
    try folder.folder(path.folder, create: true).write(content, to: path.name, replacing: true)
  }

  /// Nil if there is no such file.
  func content(_ path: String) throws -> [UInt8]? {
    let path = relative(path)
    guard let folder = try? folder.folder(path.folder) else { return nil }
    return try? folder.read(path.name, limit: .max).bytes
  }

  /// Every file below, by its path, with its bytes.
  func tree() throws -> [String: [UInt8]] { try folder.tree() }
}

func relative(_ text: String) -> RelativePath {
  guard let path = RelativePath(text) else { preconditionFailure("\(text) is no path") }
  return path
}

/// A PNG of noise; another seed gives another picture.
func picture(
  width: Int = 20, height: Int = 12, layout: Image.Layout = .rgb, depth: Int = 8, seed: UInt64 = 1,
  as format: ImageFormat = .png
) throws -> [UInt8] {
  let image = Pictures.noise(width: width, height: height, layout: layout, depth: depth, seed: seed)
  return try ImageFile.encode(image, as: format)
}

extension Image {
  /// The picture with nothing behind it, but for what `missing` leaves of an alpha of 16 bits; its layout must have alpha.
  func withOpaqueAlpha(missing: UInt16 = 0) -> Image {
    func opaque<Sample: FixedWidthInteger>(_ samples: [Sample]) -> [Sample] {
      samples.indices.map {
        ($0 + 1).isMultiple(of: layout.channels) ? .max - Sample(clamping: missing) : samples[$0]
      }
    }
    let opaqueSamples: Samples =
      switch samples {
      case .uint8(let samples): .uint8(opaque(samples))
      case .uint16(let samples): .uint16(opaque(samples))
      }
    return Image(width: width, height: height, layout: layout, samples: opaqueSamples)
  }
}

extension Job.Output {
  /// An output with built-in stages.
  init(_ stages: String, root: String, name: NamePattern = .same, format: ImageFormat? = nil) throws {
    self.init(
      root: bytes(root), name: name,
      stages: try StageRegistry.builtIn.pipeline(parsing: stages, environment: StageEnvironment()),
      stageText: stages, format: format)
  }
}

/// Counts calls from any thread.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
