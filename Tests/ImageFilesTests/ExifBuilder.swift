/// EXIF blocks put together by hand.
enum ExifBuilder {
  /// A big-endian block with an orientation, sizes and a resolution of 72 per inch.
  static func block(orientation: Int, width: Int, height: Int) -> [UInt8] {
    func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }
    func long(_ value: Int) -> [UInt8] { short(value >> 16) + short(value) }
    func entry(_ tag: Int, _ type: Int, _ value: [UInt8]) -> [UInt8] {
      short(tag) + short(type) + long(1) + value + [UInt8](repeating: 0, count: 4 - value.count)
    }
    // 8 bytes header; the directory of 5 entries ends at 74; two fractions; the EXIF directory at 90.
    let directory =
      short(5) + entry(0x0112, 3, short(orientation)) + entry(0x011a, 5, long(74))
      + entry(0x011b, 5, long(82)) + entry(0x0128, 3, short(2)) + entry(0x8769, 4, long(90)) + long(0)
    let exif = short(2) + entry(0xa002, 3, short(width)) + entry(0xa003, 4, long(height)) + long(0)
    return Array("MM\0*".utf8) + long(8) + directory + long(72) + long(1) + long(72) + long(1) + exif
  }
}
