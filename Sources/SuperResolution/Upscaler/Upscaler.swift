public import Pixels

/// Enlarges whole pictures: the luma by a model, everything else by bicubic interpolation.
///
/// A picture keeps its layout, its depth, its profile and all else it says about itself; sizes stated in the metadata
/// follow the picture. Gray stays gray, and gives the same samples as the same picture stored as RGB. An opaque alpha
/// stays exactly opaque; other alpha is interpolated, with the colours weighted by it, and the colours under fully
/// transparent pixels have no influence on visible ones.
///
/// The result is the same bytes for every thread count, tile and memory limit. A value without state, for any number
/// of threads at a time.
public struct Upscaler: Sendable {
  /// What adds the detail to the luma.
  public let model: any LumaModel

  /// An upscaler with this model, for instance a `Network`.
  public init(_ model: any LumaModel) {
    self.model = model
  }

  /// The picture at another size.
  ///
  /// The luma is interpolated to the size and goes through the model, unless a side gets shorter: then all of the
  /// picture is reduced by the antialiased bicubic filter alone, since models are made to sharpen what was
  /// enlarged. At the picture's own size the model sees the picture as it is.
  ///
  /// - Parameters:
  ///   - image: any layout and depth.
  ///   - size: at least 1 x 1; the two factors need not be whole, nor equal.
  ///   - options: threads, memory, progress.
  /// - Returns: a picture of the same layout and depth.
  /// - Throws: `CancellationError` when `options.isCancelled` or the current task says so, `ModelError` with cause
  ///   `.outputNotFinite` where the model makes no number of the picture. Nothing remains then.
  /// - Complexity: `model.multiplyAddsPerPixel` for each pixel of the result; the rest takes about a hundredth of
  ///   the time. Beside the two pictures, `workingMemory(from:to:layout:depth:options:)`.
  public func upscale(
    _ image: Image, to size: Size, options: RunOptions = RunOptions()
  ) throws -> Image {
    precondition(size.width > 0 && size.height > 0, "a picture has pixels")
    let isOpaque = image.isOpaque
    let visible = isOpaque ? image : image.edgeBled()
    let resampler = BicubicResampler(from: image.size, to: size)
    let samples = try visible.withSampleSource { source in
      try Image.Samples.making(size, image.layout, depth: image.samples.depth) { target in
        let stream = PictureStream(
          source: source, target: target, resampler: resampler, convention: model.lumaConvention,
          isOpaque: isOpaque)
        try run(stream, options)
      }
    }
    return Image(
      width: size.width, height: size.height, layout: image.layout, samples: samples,
      metadata: image.metadata.updated(for: size))
  }

  /// Bytes that `upscale` takes beside the picture and its result; `depth` is the bits of a sample, 8 or 16.
  public func workingMemory(
    from: Size, to: Size, layout: Image.Layout, depth: Int, options: RunOptions = RunOptions()
  ) -> Int {
    let own = chosenModel(from, to).workingMemory(for: to, options: options)
    // The copy of the picture whose hidden colours are replaced, and the coarser levels that this needs.
    let bleeding = layout.hasAlpha ? from.width * from.height * layout.channels * (depth / 8) * 4 / 3 : 0
    return own + bleeding + options.threadCount * PictureStream.scratchBytes(from: from, to: to)
  }
}

// MARK: - Running

extension Upscaler {
  /// What the luma goes through from one size to another.
  private func chosenModel(_ from: Size, _ to: Size) -> any LumaModel {
    to.width >= from.width && to.height >= from.height ? model : Bicubic()
  }

  private func run(_ stream: PictureStream, _ options: RunOptions) throws {
    try withCancellation(options.isCancelled) { isCancelled in
      var options = options
      options.isCancelled = isCancelled
      try chosenModel(stream.resampler.inputSize, stream.resampler.outputSize).enhance(
        size: stream.target.size, options: options,
        source: { stream.readLuma($0, into: $1, stride: $2) },
        sink: { stream.write($0, luma: $1, stride: $2) })
    }
  }
}
