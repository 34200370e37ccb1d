import Pixels
import Stages
import Testing

/// Every form a picture can have.
struct Form: Sendable, CustomTestStringConvertible {
  var layout: Image.Layout
  var depth: Int

  static let all = Image.Layout.allCases.flatMap { layout in
    [8, 16].map { Form(layout: layout, depth: $0) }
  }

  var testDescription: String { "\(layout), \(depth) bits" }
}

extension Image {
  /// The samples as numbers.
  var values: [Double] {
    switch samples {
    case .uint8(let values): values.map { Double($0) }
    case .uint16(let values): values.map { Double($0) }
    }
  }

  var peak: Double { samples.depth == 8 ? 255 : 65535 }

  /// The sample at a place; places outside are the nearest inside.
  func value(_ x: Int, _ y: Int, _ channel: Int) -> Double {
    let (x, y) = (max(0, min(width - 1, x)), max(0, min(height - 1, y)))
    let index = (y * width + x) * layout.channels + channel
    switch samples {
    case .uint8(let values): return Double(values[index])
    case .uint16(let values): return Double(values[index])
    }
  }

  /// BT.601 luma of full-range samples.
  func luma(_ x: Int, _ y: Int) -> Double {
    if layout.isGray { return value(x, y, 0) }
    return 0.299 * value(x, y, 0) + 0.587 * value(x, y, 1) + 0.114 * value(x, y, 2)
  }

  /// Channels that are colours and not alpha.
  var colors: Int { layout.hasAlpha ? layout.channels - 1 : layout.channels }

  /// A picture of this one's form whose samples are `sample(x, y, channel)`, rounded and clipped.
  func filled(size: Size? = nil, _ sample: (Int, Int, Int) -> Double) -> Image {
    let size = size ?? self.size
    var values: [Double] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        for channel in 0..<layout.channels { values.append(sample(x, y, channel)) }
      }
    }
    let whole = values.map { max(0, min(peak, $0)).rounded() }
    let samples: Samples =
      samples.depth == 8 ? .uint8(whole.map { UInt8($0) }) : .uint16(whole.map { UInt16($0) })
    return Image(width: size.width, height: size.height, layout: layout, samples: samples, metadata: metadata)
  }

  /// The largest difference of two samples; infinite if the pictures differ in form.
  func distance(to other: Image) -> Double {
    guard size == other.size, layout == other.layout, samples.depth == other.samples.depth else {
      return .infinity
    }
    return zip(values, other.values).map { abs($0 - $1) }.max() ?? 0
  }
}

/// Runs the stages of a text over a picture.
func run(
  _ text: String, _ image: Image, context: StageContext = StageContext(threads: 2),
  environment: StageEnvironment = StageEnvironment(), registry: StageRegistry = .builtIn
) async throws -> Image {
  try await registry.pipeline(parsing: text, environment: environment).process(image, context: context)
}
