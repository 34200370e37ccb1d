#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the calling thread computes with floating-point numbers: rounding, traps, what becomes of subnormal ones. What a
/// plug-in leaves changed would change, or end, whatever the thread computes afterwards, of other pictures too; a library
/// built with `-ffast-math` may do so as it is loaded.
enum FloatingPointState {
  /// Calls a plug-in, and takes the state back.
  static func keeping<Result>(_ call: () -> Result) -> Result {
    var state = fenv_t()
    _ = fegetenv(&state)
    defer { _ = fesetenv(&state) }
    return call()
  }
}
