/// PNG files of every kind, good and bad, put together byte by byte and without zlib: pixels are stored blocks.
struct PNGBuilder {
  enum Color: Int, CaseIterable {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  var width: Int
  var height: Int
  var depth: Int
  var color: Color
  var isInterlaced = false
  /// Written between IHDR and IDAT, and behind IDAT.
  var chunksBefore: [(String, [UInt8])] = []
  var chunksAfter: [(String, [UInt8])] = []
  /// The value of sample `channel` at (x, y), in `0 ..< 1 << depth`.
  var sample: (_ x: Int, _ y: Int, _ channel: Int) -> Int

  var bytes: [UInt8] {
    Self.file([("IHDR", header)] + chunksBefore + [("IDAT", Self.zlib(rows))] + chunksAfter + [("IEND", [])])
  }

  var header: [UInt8] {
    Self.word(width) + Self.word(height)
      + [UInt8(depth), UInt8(color.rawValue), 0, 0, isInterlaced ? 1 : 0]
  }

  /// The filtered rows of all passes, before compression. Filters take turns.
  var rows: [UInt8] {
    let passes: [(x: Int, y: Int, stepX: Int, stepY: Int)] =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    var result: [UInt8] = []
    for pass in passes where pass.x < width && pass.y < height {
      var above: [UInt8]?
      for y in stride(from: pass.y, to: height, by: pass.stepY) {
        let row = packed(y, stride(from: pass.x, to: width, by: pass.stepX))
        result += filtered(row, above: above, type: (y / pass.stepY) % 5)
        above = row
      }
    }
    return result
  }

  private func packed(_ y: Int, _ columns: StrideTo<Int>) -> [UInt8] {
    var bits: [UInt8] = []
    for x in columns {
      for channel in 0..<color.channels {
        let value = sample(x, y, channel)
        for bit in (0..<depth).reversed() { bits.append(UInt8(value >> bit & 1)) }
      }
    }
    return stride(from: 0, to: bits.count, by: 8).map { first in
      (0..<8).reduce(0) { $0 << 1 | (first + $1 < bits.count ? bits[first + $1] : 0) }
    }
  }

  private func filtered(_ row: [UInt8], above: [UInt8]?, type: Int) -> [UInt8] {
    let distance = max(1, color.channels * depth / 8)
    return [UInt8(type)]
      + row.indices.map { i in
        let a = i >= distance ? Int(row[i - distance]) : 0
        let b = Int(above?[i] ?? 0)
        let c = i >= distance ? Int(above?[i - distance] ?? 0) : 0
        let (pa, pb, pc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
        let predicted = [0, a, b, (a + b) / 2, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][type]
        return row[i] &- UInt8(predicted)
      }
  }
}

extension PNGBuilder {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  static func file(_ chunks: [(String, [UInt8])]) -> [UInt8] {
    signature + chunks.flatMap { chunk($0.0, $0.1) }
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return word(data.count) + body + word(Int(crc(body)))
  }

  static func word(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xff) } }

  /// A zlib stream of stored blocks (RFC 1950, 1951).
  static func zlib(_ data: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var position = 0
    repeat {
      let count = min(65_535, data.count - position)
      result.append(position + count == data.count ? 1 : 0)
      result += [UInt8(count & 0xff), UInt8(count >> 8), UInt8(~count & 0xff), UInt8(~count >> 8 & 0xff)]
      result += data[position..<position + count]
      position += count
    } while position < data.count
    var (a, b) = (1, 0)
    for byte in data {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return result + word(b << 16 | a)
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
  }

  static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }
}
