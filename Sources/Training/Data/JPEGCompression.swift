import ImageFiles
package import Pixels

/// A way through a JPEG file of a quality drawn from a range: the blocks and ringing of real photographs.
package struct JPEGCompression: Degradation {
  package static let name = "jpeg"
  package static let help = "LOW-HIGH (quality, 1 to 100)"
  private let quality: DegradationRange

  package init(argument: String) throws(TrainingError) {
    quality = try DegradationRange(argument, in: 1...100, of: Self.name)
  }

  package func apply(
    variant: Int, to picture: DoublePlane, random: inout RandomSource
  ) throws(TrainingError) -> DoublePlane {
    let image = Image(
      width: picture.width, height: picture.height, layout: .gray,
      samples: .uint8(picture.samples.map { UInt8(min(max($0.rounded(), 0), 255)) }))
    var options = EncodeOptions()
    options.quality = Int(quality.draw(&random).rounded())
    do throws(ImageFileError) {
      let decoded = try ImageFile.read(bytes: ImageFile.encode(image, as: .jpeg, options: options))
      guard case .uint8(let samples) = decoded.samples, decoded.layout == .gray else {
        preconditionFailure("a gray JPEG is read as gray of 8 bits")
      }
      return DoublePlane(width: picture.width, height: picture.height, samples: samples.map { Double($0) })
    } catch {
      throw .invalid("a patch cannot pass through a JPEG file: \(error)")
    }
  }
}
