/// LLVM's intrinsic of that name, which becomes one instruction: `prefetcht1` and its like on x86-64, `prfm` on arm64.
///
/// Swift has no way of its own to ask for it, and importing C's would need one more module. `write`: 0 to read the line,
/// 1 to write it. `locality`: 3 for all levels of the cache, 2 for the second on, 1 for the third on. `data`: 1, for 0
/// is instructions. All three must be constants.
@_silgen_name("llvm.prefetch.p0")
public func llvmPrefetch(_ address: UnsafeRawPointer, _ write: Int32, _ locality: Int32, _ data: Int32)

extension Architecture {
  /// Asks for the cache line at `address` to come to the second level, without waiting for it. Any address will do: what
  /// cannot be read is not.
  @inline(always)
  public static func prefetch(_ address: UnsafePointer<Float>) {
    // Debug builds do without: the compiler fails on the call that the thread sanitizer makes of this one.
    #if !DEBUG
      llvmPrefetch(UnsafeRawPointer(address), 0, 2, 1)
    #endif
  }

  /// In floats.
  @inline(always)
  public static var cacheLine: Int { 16 }
}
