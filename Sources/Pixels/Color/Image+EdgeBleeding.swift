extension Image {
  /// The picture with the colours under its fully transparent pixels replaced by a smooth continuation of the
  /// visible ones: whatever a filter mixes across the edge then looks like the edge. Visible pixels keep their
  /// samples, and alpha stays.
  ///
  /// Pull-push (Gortler, Grzeszczuk, Szeliski and Cohen, "The Lumigraph", 1996): averages weighted by alpha in ever
  /// coarser levels, then every hole is filled from the next coarser level.
  /// - Complexity: O(samples); beside the result, needs a third of the samples' memory.
  package func edgeBled() -> Image {
    guard layout.hasAlpha else { return self }
    let filled: Samples =
      switch samples {
      case .uint8(let values): .uint8(bled(values))
      case .uint16(let values): .uint16(bled(values))
      }
    return Image(width: width, height: height, layout: layout, samples: filled, metadata: metadata)
  }

  private func bled<Sample: FixedWidthInteger & UnsignedInteger>(_ values: [Sample]) -> [Sample] {
    var levels = [Level(width: width, height: height, channels: layout.channels, samples: values)]
    while let last = levels.last, last.hasHoles, last.width > 1 || last.height > 1 {
      levels.append(last.coarser())
    }
    // There are no holes, or nothing but holes, and nothing to continue.
    if levels.count == 1 || levels[levels.count - 1].hasHoles { return values }
    for index in levels.indices.dropLast().reversed() { levels[index].fillHoles(from: levels[index + 1]) }
    // Filling has given the holes a weight; alpha itself does not change.
    var result = levels.removeFirst().samples
    for pixel in 0..<width * height {
      let alpha = pixel * layout.channels + layout.channels - 1
      result[alpha] = values[alpha]
    }
    return result
  }
}

/// A picture whose last channel is the weight of its pixels; weight 0 is a hole.
private struct Level<Sample: FixedWidthInteger & UnsignedInteger> {
  let width: Int
  let height: Int
  let channels: Int
  var samples: [Sample]

  var hasHoles: Bool {
    stride(from: channels - 1, to: samples.count, by: channels).contains { samples[$0] == 0 }
  }

  /// Half the size, rounded up: the weighted averages of two by two pixels, and their mean weight, rounded up so
  /// that only holes make a hole.
  func coarser() -> Level {
    let (newWidth, newHeight) = ((width + 1) / 2, (height + 1) / 2)
    var result = [Sample](repeating: 0, count: newWidth * newHeight * channels)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        var weight = 0
        var sums = (0, 0, 0)
        for childY in 2 * y..<min(2 * y + 2, height) {
          for childX in 2 * x..<min(2 * x + 2, width) {
            let child = (childY * width + childX) * channels
            let share = Int(samples[child + channels - 1])
            weight += share
            sums.0 += share * Int(samples[child])
            if channels == 4 {
              sums.1 += share * Int(samples[child + 1])
              sums.2 += share * Int(samples[child + 2])
            }
          }
        }
        if weight == 0 { continue }
        let parent = (y * newWidth + x) * channels
        result[parent] = Sample(truncatingIfNeeded: (sums.0 + weight / 2) / weight)
        if channels == 4 {
          result[parent + 1] = Sample(truncatingIfNeeded: (sums.1 + weight / 2) / weight)
          result[parent + 2] = Sample(truncatingIfNeeded: (sums.2 + weight / 2) / weight)
        }
        result[parent + channels - 1] = Sample(truncatingIfNeeded: (weight + 3) / 4)
      }
    }
    return Level(width: newWidth, height: newHeight, channels: channels, samples: result)
  }

  /// Gives every hole the colour of a level without holes, half the size, interpolated linearly.
  mutating func fillHoles(from coarse: Level) {
    for y in 0..<height {
      for x in 0..<width where samples[(y * width + x) * channels + channels - 1] == 0 {
        // The nearest coarse pixel counts 9, its neighbours towards this pixel 3 and 3, and the diagonal one 1.
        let (nearX, nearY) = (x / 2, y / 2)
        let farX = min(max(nearX + (x % 2 == 0 ? -1 : 1), 0), coarse.width - 1)
        let farY = min(max(nearY + (y % 2 == 0 ? -1 : 1), 0), coarse.height - 1)
        let hole = (y * width + x) * channels
        for channel in 0..<channels - 1 {
          func at(_ x: Int, _ y: Int) -> Int {
            Int(coarse.samples[(y * coarse.width + x) * channels + channel])
          }
          let sum = 9 * at(nearX, nearY) + 3 * at(farX, nearY) + 3 * at(nearX, farY) + at(farX, farY)
          samples[hole + channel] = Sample(truncatingIfNeeded: (sum + 8) / 16)
        }
        samples[hole + channels - 1] = 1
      }
    }
  }
}
