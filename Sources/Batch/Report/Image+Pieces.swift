import Acuity

extension Image {
  /// The piece of at most `size` with the most detail: of a grid of places, the one where neighbouring samples differ
  /// most.
  func liveliestPiece(_ size: Size) -> Rect {
    let (width, height) = (min(size.width, self.width), min(size.height, self.height))
    let steps = 6
    var best = (detail: -1.0, rect: Rect(x: 0, y: 0, width: width, height: height))
    for row in 0...steps {
      for column in 0...steps {
        let rect = Rect(
          x: (self.width - width) * column / steps, y: (self.height - height) * row / steps, width: width,
          height: height)
        let detail = detail(in: rect)
        if detail > best.detail { best = (detail, rect) }
      }
    }
    return best.rect
  }

  /// The summed differences of some neighbours in the first channel, or in green.
  private func detail(in rect: Rect) -> Double {
    let channels = layout.channels
    let channel = layout.isGray ? 0 : 1
    func sum<Sample: BinaryInteger>(_ values: [Sample]) -> Double {
      var sum = 0
      for y in stride(from: rect.y, to: rect.y + rect.height, by: 4) {
        for x in stride(from: rect.x, to: rect.x + rect.width - 1, by: 2) {
          let index = (y * width + x) * channels + channel
          sum += abs(Int(values[index]) - Int(values[index + channels]))
        }
      }
      return Double(sum)
    }
    return switch samples {
    case .uint8(let values): sum(values)
    case .uint16(let values): sum(values)
    }
  }

  /// The rectangle `rect` of the picture as it would be at `size`, bicubically resampled; 8 bits.
  func piece(_ rect: Rect, at size: Size) -> Image {
    let resampler = BicubicResampler(from: self.size, to: size)
    let source = resampler.sourceRect(for: rect)
    let channels = layout.channels
    var samples = [UInt8](repeating: 0, count: rect.width * rect.height * channels)
    let scale: Float = self.samples.depth == 8 ? 1 : 255.0 / 65535
    for channel in 0..<channels {
      var plane = [Float](repeating: 0, count: source.width * source.height)
      for y in 0..<source.height {
        for x in 0..<source.width {
          let index = ((source.y + y) * width + source.x + x) * channels + channel
          plane[y * source.width + x] =
            switch self.samples {
            case .uint8(let values): Float(values[index])
            case .uint16(let values): Float(values[index]) * scale
            }
        }
      }
      var result = [Float](repeating: 0, count: rect.width * rect.height)
      unsafe plane.withUnsafeBufferPointer { plane in
        unsafe result.withUnsafeMutableBufferPointer { result in
          guard let plane = plane.baseAddress, let result = result.baseAddress else { return }
          unsafe resampler.resize(
            from: plane, sourceStride: source.width, origin: (source.x, source.y), rect: rect, into: result,
            stride: rect.width)
        }
      }
      for (index, value) in result.enumerated() {
        samples[index * channels + channel] = UInt8(max(0, min(255, value)).rounded())
      }
    }
    return Image(
      width: rect.width, height: rect.height, layout: layout, samples: .uint8(samples), metadata: metadata)
  }
}
