extension Image {
  /// Whether no pixel shows what is behind the picture: there is no alpha channel, or it is at its peak everywhere.
  package var isOpaque: Bool { isOpaque(from: .max) }

  /// The same in a file of 8 bits a sample: 16 are rounded, and the faintest transparency is none any more.
  package var isOpaqueInEightBits: Bool { isOpaque(from: 65_535 - 128) }

  /// `least` is the smallest alpha of 16 bits that counts as opaque.
  private func isOpaque(from least: UInt16) -> Bool {
    if !layout.hasAlpha { return true }
    return switch samples {
    case .uint8(let values): hasAlpha(values, from: .max)
    case .uint16(let values): hasAlpha(values, from: least)
    }
  }

  private func hasAlpha<Sample: FixedWidthInteger>(_ values: [Sample], from least: Sample) -> Bool {
    stride(from: layout.channels - 1, to: values.count, by: layout.channels).allSatisfy {
      values[$0] >= least
    }
  }

  /// The same picture without its alpha channel, if that says nothing in 8 bits, which are all that formats without one hold;
  /// itself if it has none, or any pixel needs it.
  /// - Complexity: O(samples)
  package func withoutOpaqueAlpha() -> Image {
    guard layout.hasAlpha, isOpaqueInEightBits else { return self }
    let colors: Samples =
      switch samples {
      case .uint8(let values): .uint8(withoutAlpha(values))
      case .uint16(let values): .uint16(withoutAlpha(values))
      }
    return Image(
      width: width, height: height, layout: layout.withoutAlpha, samples: colors, metadata: metadata)
  }

  private func withoutAlpha<Sample: FixedWidthInteger>(_ values: [Sample]) -> [Sample] {
    let (from, to) = (layout.channels, layout.colorChannels)
    return [Sample](unsafeUninitializedCapacity: width * height * to) { target, count in
      for pixel in 0..<width * height {
        for channel in 0..<to {
          target.initializeElement(at: pixel * to + channel, to: values[pixel * from + channel])
        }
      }
      count = width * height * to
    }
  }
}
