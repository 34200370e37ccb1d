package import Pixels

/// One picture at one scale: what it is compared with and what came out. Planes are luma of 0...255, not yet cropped at the
/// borders; what a protocol rounds is rounded.
package struct Comparison: Sendable {
  package let scale: Int
  package let truth: DoublePlane
  package let bicubic: DoublePlane
  package let result: DoublePlane
  /// Bicubic chroma, to show the planes in colour; nil for a gray picture.
  package let chroma: YCbCr.Chroma?
  /// The ground truth's own chroma.
  package let truthChroma: YCbCr.Chroma?

  /// Memory that a comparison takes at its peak, with the picture itself: a dozen planes of doubles.
  package static let bytesPerPixel = 128.0

  /// Reduces a picture, enlarges it by bicubic, and has the luma enhanced.
  ///
  /// - Parameters:
  ///   - image: The ground truth; alpha is left out.
  ///   - scale: 2 or more.
  ///   - protocol: What is rounded, and when.
  ///   - convention: What the numbers of the network's planes mean.
  ///   - enhance: The network: a plane of luma to a better one of the same size.
  /// - Throws: `EvaluationError.tooSmall` unless pixels remain within the borders; what `enhance` throws.
  package init(
    _ image: Image, scale: Int, protocol: EvaluationProtocol, convention: LumaConvention = .studio,
    enhance: (Plane) throws -> Plane
  ) throws {
    precondition(scale >= 2)
    // The borders, and a multiple of the scale.
    guard min(image.width, image.height) >= 3 * scale else {
      throw EvaluationError.tooSmall(image.size, scale: scale)
    }
    let rounded = YCbCr(image)
    // A luma of 16 bits has steps of 1/257 of a level.
    let luma = `protocol` == .basicsr ? rounded.luma : rounded.luma.roundedTo8Bits()
    let truth = luma.cropped(toMultipleOf: scale)
    let bicubic = truth.reducedAndEnlarged(by: scale)
    // A gray picture's samples go to the network as they are, by all protocols: the full range over 255.
    let convention = rounded.chroma == nil ? .studio : convention
    let input = bicubic.plane(convention)
    let output = try enhance(input)
    // What adds nothing gains nothing, also where single precision would round to another level.
    let enhanced = output == input ? bicubic : DoublePlane(output, convention)
    self.scale = scale
    truthChroma = rounded.chroma?.mapped { $0.cropped(toMultipleOf: scale) }
    chroma = truthChroma?.mapped { $0.reducedAndEnlarged(by: scale) }
    switch `protocol` {
    case .paper:
      (self.truth, self.bicubic, result) = (truth, bicubic.roundedTo8Bits(), enhanced.roundedTo8Bits())
    case .seed:
      (self.truth, self.bicubic, result) = (truth, bicubic, enhanced.clipped())
    case .basicsr:
      let chroma = self.chroma
      func stored(_ luma: DoublePlane) -> DoublePlane {
        YCbCr(YCbCr(luma: luma, chroma: chroma).image(), rounded: false).luma
      }
      self.truth = YCbCr(image, rounded: false).luma.cropped(toMultipleOf: scale)
      (self.bicubic, result) = (stored(bicubic), stored(enhanced))
    }
  }

  /// Peak signal-to-noise ratio in decibels (infinite where equal), and structural similarity (none where a side is below 11
  /// pixels), within the borders.
  package func score(of plane: DoublePlane) -> Score {
    let (truth, plane) = (truth.inset(by: scale), plane.inset(by: scale))
    return Score(psnr: psnr(truth, plane), ssim: ssim(truth, plane))
  }
}

extension DoublePlane {
  fileprivate func reducedAndEnlarged(by scale: Int) -> DoublePlane {
    let small = Size(width: width / scale, height: height / scale)
    return resized(to: small, scale: 1 / Double(scale)).resized(to: size, scale: Double(scale))
  }

  fileprivate func clipped() -> DoublePlane {
    DoublePlane(width: width, height: height, samples: samples.map { min(max($0, 0), 255) })
  }
}

extension YCbCr.Chroma {
  fileprivate func mapped(_ transform: (DoublePlane) -> DoublePlane) -> YCbCr.Chroma {
    YCbCr.Chroma(blue: transform(blue), red: transform(red))
  }
}
