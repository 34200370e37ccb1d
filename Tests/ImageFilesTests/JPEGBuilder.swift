/// JPEG files of every kind, good and bad, put together byte by byte: every block of a component is of one colour, so
/// that it is its mean and nothing else.
struct JPEGBuilder {
  /// A component: its sampling factors, its value in every pixel of the first block, and how much more it is in the next
  /// block to the right and below.
  struct Component {
    var h = 1
    var v = 1
    var value: Int
    var steps = (x: 0, y: 0)

    func value(_ x: Int, _ y: Int) -> Int { value + x * steps.x + y * steps.y }
  }

  var width: Int
  var height: Int
  var components: [Component]
  /// 0xc0 baseline, 0xc2 progressive; others are refused.
  var frameCode: UInt8 = 0xc0
  var precision = 8
  /// MCUs between restart markers.
  var restartInterval = 0
  /// Adobe's APP14 segment with this transform: 0 RGB or CMYK, 1 YCbCr, 2 YCCK.
  var adobeTransform: UInt8?
  /// Whole segments, written after the start.
  var segments: [(UInt8, [UInt8])] = []
  /// Progressive only: the scan of the first component's other coefficients, all zero.
  var hasDetail = true
  /// Progressive only: scans of a single coefficient after these; each changes nothing.
  var extraScans = 0

  var bytes: [UInt8] {
    var result: [UInt8] = [0xff, 0xd8]
    func append(_ code: UInt8, _ data: [UInt8]) {
      result += [0xff, code, UInt8((data.count + 2) >> 8), UInt8((data.count + 2) & 0xff)] + data
    }
    for (code, data) in segments { append(code, data) }
    if let adobeTransform { append(0xee, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, adobeTransform]) }
    append(0xdb, [0] + [UInt8](repeating: 8, count: 64))
    var frame: [UInt8] = [UInt8(precision)]
    for side in [height, width] { frame += [UInt8(side >> 8), UInt8(side & 0xff)] }
    frame.append(UInt8(components.count))
    for (index, component) in components.enumerated() {
      frame += [UInt8(index + 1), UInt8(component.h << 4 | component.v), 0]
    }
    append(frameCode, frame)
    // Differences: twelve codes of four bits. Coefficients: "end of block" 0; runs of 2^k blocks, four bits each.
    let noLongCodes = [UInt8](repeating: 0, count: 12)
    let categories: [UInt8] = Array(0..<12)
    let runs: [UInt8] = (8..<15).map { $0 << 4 }
    append(0xc4, [0x00, 0, 0, 0, 12] + noLongCodes + categories)
    append(0xc4, [0x10, 1, 0, 0, 7] + noLongCodes + [0x00] + runs)
    if restartInterval > 0 { append(0xdd, [UInt8(restartInterval >> 8), UInt8(restartInterval & 0xff)]) }

    let isProgressive = frameCode == 0xc2
    let selectors: [[UInt8]] = components.indices.map { [UInt8($0 + 1), 0] }
    append(0xda, [UInt8(components.count)] + selectors.joined() + [0, isProgressive ? 0 : 63, 0])
    result += means(withEnds: !isProgressive)
    if isProgressive, hasDetail {
      append(0xda, [1, 1, 0, 1, 63, 0])
      result += emptyScan(0)
    }
    for scan in 0..<extraScans {
      let (component, coefficient) = (scan % components.count, UInt8(scan / components.count % 63 + 1))
      append(0xda, [1, UInt8(component + 1), 0, coefficient, coefficient, 0])
      result += emptyScan(component)
    }
    return result + [0xff, 0xd9]
  }

  private var maxH: Int { components.map(\.h).max() ?? 1 }
  private var maxV: Int { components.map(\.v).max() ?? 1 }

  /// The scan with every block's mean: the first of each component is its difference from 0, all others are 0.
  private func means(withEnds: Bool) -> [UInt8] {
    let isAlone = components.count == 1
    let (h, v) = isAlone ? (1, 1) : (maxH, maxV)
    let columns = (width + 8 * h - 1) / (8 * h)
    let count = columns * ((height + 8 * v - 1) / (8 * v))
    var bits = BitWriter()
    var predictions = components.map { _ in 0 }
    for unit in 0..<count {
      if restartInterval > 0, unit > 0, unit % restartInterval == 0 {
        bits.restart(number: unit / restartInterval - 1)
        predictions = components.map { _ in 0 }
      }
      for (index, component) in components.enumerated() {
        let (h, v) = isAlone ? (1, 1) : (component.h, component.v)
        for block in 0..<h * v {
          // The mean times 8, divided by the quantizer 8.
          let (x, y) = (unit % columns * h + block % h, unit / columns * v + block / h)
          let mean = component.value(x, y) - 128
          bits.appendDifference(mean - predictions[index])
          predictions[index] = mean
          if withEnds { bits.append(0, count: 1) }
        }
      }
    }
    return bits.finished
  }

  /// A scan of one component's coefficient, zero in every block: runs of up to 2^14 blocks.
  private func emptyScan(_ index: Int) -> [UInt8] {
    let component = components[index]
    let columns = ((width * component.h + maxH - 1) / maxH + 7) / 8
    let rows = ((height * component.v + maxV - 1) / maxV + 7) / 8
    var left = columns * rows
    var bits = BitWriter()
    while left > 0 {
      let exponent = (8..<15).last { 1 << $0 <= left }
      if let exponent {
        // The run's code, then its lower bits.
        bits.append(0b1000 + exponent - 8, count: 4)
        bits.append(0, count: exponent)
        left -= 1 << exponent
      } else {
        bits.append(0, count: 1)
        left -= 1
      }
    }
    return bits.finished
  }

  private struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending = 0
    private var count = 0

    mutating func append(_ value: Int, count bits: Int) {
      for bit in (0..<bits).reversed() {
        pending = pending << 1 | value >> bit & 1
        count += 1
        if count == 8 {
          bytes.append(UInt8(pending))
          if pending == 0xff { bytes.append(0) }
          (pending, count) = (0, 0)
        }
      }
    }

    mutating func appendDifference(_ value: Int) {
      var category = 0
      while abs(value) >> category != 0 { category += 1 }
      append(category, count: 4)
      append(value >= 0 ? value : value + (1 << category) - 1, count: category)
    }

    mutating func restart(number: Int) {
      while count != 0 { append(1, count: 1) }
      bytes += [0xff, 0xd0 + UInt8(number % 8)]
    }

    var finished: [UInt8] {
      var copy = self
      while copy.count != 0 { copy.append(1, count: 1) }
      return copy.bytes
    }
  }
}
