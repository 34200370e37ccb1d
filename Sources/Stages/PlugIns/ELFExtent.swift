/// Whether a library's file is shorter than what the loader would map of it: the loader does not look, and a page beyond the
/// file's end is the death of the process. Of files in other formats than 64-bit ELF nothing is known.
func isCutELF(_ file: [UInt8]) -> Bool {
  func number(_ offset: Int, _ count: Int) -> UInt64? {
    guard offset >= 0, offset <= file.count - count else { return nil }
    return file[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
  guard file.starts(with: [0x7f] + Array("ELF".utf8) + [2, 1]) else { return false }
  guard let table = number(32, 8).flatMap({ Int(exactly: $0) }), let size = number(54, 2),
    let rows = number(56, 2),
    table <= file.count
  else { return true }
  for row in 0..<Int(rows) {
    let start = table + row * Int(size)
    guard let kind = number(start, 4), let from = number(start + 8, 8), let count = number(start + 32, 8)
    else {
      return true
    }
    let (end, overflows) = from.addingReportingOverflow(count)
    // Of those that are loaded.
    if kind == 1, overflows || end > file.count { return true }
  }
  return false
}
