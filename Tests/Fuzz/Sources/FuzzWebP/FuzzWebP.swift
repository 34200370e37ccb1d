import FuzzInput

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Probe.webP(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
