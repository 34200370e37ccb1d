import Pixels

/// How samples are resampled.
enum ResamplingFilter: String, CaseIterable, Sendable {
  case bicubic
  case area
}

/// One of the filters, made for two sizes.
private enum Resampler: Sendable {
  case bicubic(BicubicResampler)
  case area(AreaResampler)

  init(_ filter: ResamplingFilter, from input: Size, to output: Size) {
    switch filter {
    case .bicubic: self = .bicubic(BicubicResampler(from: input, to: output))
    case .area: self = .area(AreaResampler(from: input, to: output))
    }
  }

  func sourceRows(for rect: Rect) -> Range<Int> {
    let source =
      switch self {
      case .bicubic(let resampler): resampler.sourceRect(for: rect)
      case .area(let resampler): resampler.sourceRect(for: rect)
      }
    return source.y..<source.y + source.height
  }

  /// `source` holds whole rows, from row `first` on.
  func resize(
    from source: UnsafePointer<Float>, width: Int, first: Int, rect: Rect,
    into target: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .bicubic(let resampler):
      resampler.resize(
        from: source, sourceStride: width, origin: (0, first), rect: rect, into: target, stride: rect.width)
    case .area(let resampler):
      resampler.resize(
        from: source, sourceStride: width, origin: (0, first), rect: rect, into: target, stride: rect.width)
    }
  }
}

extension Image {
  /// The picture at another size; metadata that states the size follows.
  ///
  /// Colours are weighted by their alpha, so that what hides under transparent pixels doesn't bleed into visible ones;
  /// where the result is transparent, they are resampled as they are.
  /// - Throws: `CancellationError`
  /// - Complexity: O(input + output) samples, times the filter's taps
  func resampled(to size: Size, filter: ResamplingFilter, context: StageContext) throws -> Image {
    if size == self.size { return self }
    let resampler = Resampler(filter, from: self.size, to: size)
    let band = Self.resamplingBand(from: self.size, to: size)
    var output = try rewritten(size: size) { reader, writer in
      try context.forEachBand(rows: size.height, height: band) { rows in
        let rect = Rect(x: 0, y: rows.lowerBound, width: size.width, height: rows.count)
        ResampledBand(resampler: resampler, reader: reader, writer: writer, rect: rect).run()
      }
    }
    output.metadata = metadata.updated(for: size)
    return output
  }

  /// Bytes that resampling needs beside both pictures.
  static func resamplingMemory(from input: Size, to output: Size, layout: Layout, threads: Int) -> Int {
    if input == output { return 0 }
    let band = resamplingBand(from: input, to: output)
    let rows = min(input.height, (band + 4) * (input.height / output.height + 1) + 4)
    let scratch = ResampledBand.floats(layout, inputs: rows * input.width, outputs: band * output.width)
      .reduce(0, +)
    // The filter's weights: 4 taps a sample of the longer side, in both precisions while they are made.
    let weights = 4 * (max(input.width, output.width) + max(input.height, output.height)) * 5
    return (threads * scratch + weights) * 4
  }

  /// Rows of the output that are made at a time: 32, or fewer if they are made of many more rows of the input.
  private static func resamplingBand(from input: Size, to output: Size) -> Int {
    max(1, min(32, 64 * output.height / input.height))
  }
}

/// A few rows of the output, all channels.
private struct ResampledBand {
  let resampler: Resampler
  let reader: SampleReader
  let writer: SampleWriter
  let rect: Rect

  /// Of a channel, before and after; alpha and the weighted colour have planes of their own.
  static func floats(_ layout: Image.Layout, inputs: Int, outputs: Int) -> [Int] {
    [inputs, outputs] + (layout.hasAlpha ? [inputs, outputs, inputs, outputs] : [])
  }

  func run() {
    let rows = resampler.sourceRows(for: rect)
    let colors = reader.layout.colorChannels
    let (inputs, outputs) = (rows.count * reader.width, rect.width * rect.height)
    withScratch(Self.floats(reader.layout, inputs: inputs, outputs: outputs)) { planes in
      let (plane, result) = (planes[0], planes[1])
      var isTranslucent = false
      if reader.layout.hasAlpha {
        let (alpha, opacity) = (planes[2], planes[3])
        read(colors, rows, into: alpha)
        isTranslucent = (0..<inputs).contains { alpha[$0] != reader.peak }
        resize(alpha, rows, into: opacity)
        write(colors, opacity)
      }
      for channel in 0..<colors {
        read(channel, rows, into: plane)
        resize(plane, rows, into: result)
        if isTranslucent {
          let (alpha, opacity, weighted, visible) = (planes[2], planes[3], planes[4], planes[5])
          for i in 0..<inputs { weighted[i] = plane[i] * alpha[i] }
          resize(weighted, rows, into: visible)
          // Below half a step, alpha is written as zero.
          for i in 0..<outputs where opacity[i] >= 0.5 { result[i] = visible[i] / opacity[i] }
        }
        write(channel, result)
      }
    }
  }

  private func read(_ channel: Int, _ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    for row in rows {
      reader.read(row: row, channel: channel, into: target + (row - rows.lowerBound) * reader.width)
    }
  }

  private func resize(
    _ source: UnsafePointer<Float>, _ rows: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    resampler.resize(from: source, width: reader.width, first: rows.lowerBound, rect: rect, into: target)
  }

  private func write(_ channel: Int, _ source: UnsafePointer<Float>) {
    for row in 0..<rect.height {
      writer.write(row: rect.y + row, channel: channel, from: source + row * rect.width)
    }
  }
}
