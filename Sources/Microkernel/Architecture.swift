/// What a register tile needs of an instruction set: its vector and its multiply-add.
///
/// The conforming types live in this module, all inlinable; the code that uses them is specialized in the target that is
/// compiled for the instruction set. (A conformance declared there would put weak symbols into its object: a linker
/// keeps one copy of those, perhaps the one with instructions that the processor lacks.)
public protocol Architecture {
  /// The vector that the registers hold, or two registers side by side.
  associatedtype Vector: SIMD & BitwiseCopyable where Vector.Scalar == Float

  /// `sum + a * b`: rounded once where the hardware has a fused instruction, else twice.
  static func multiplyAdd(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector

  /// The sum of all lanes, halves first: a fixed order.
  static func total(_ vector: Vector) -> Float

  // Of each vector by itself: comparisons of generic vectors become a loop over the lanes, these one or two instructions.

  /// Zero where `vector` is negative, else `vector`: what is no number stays none, so that an overflow within a network shows
  /// at its end.
  static func rectified(_ vector: Vector) -> Vector

  /// Zero where `gate` is zero or negative, else `vector`.
  static func gated(_ vector: Vector, by gate: Vector) -> Vector
}

extension Architecture {
  /// Floats in a vector.
  @inline(always)
  public static var lanes: Int { Vector.scalarCount }

  /// The vector at `pointer`, which needs no alignment beyond a float's.
  @inline(always)
  public static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  /// Writes `vector` at `pointer`, which needs no alignment beyond a float's.
  @inline(always)
  public static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }
}

/// Sixteen lanes, fused: an AVX-512 register, or two of AVX2 side by side.
@frozen
public enum Fused16: Architecture {
  public typealias Vector = SIMD16<Float>

  @inline(always)
  public static func multiplyAdd(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector {
    sum.addingProduct(a, b)
  }

  @inline(always)
  public static func total(_ vector: Vector) -> Float { Fused8.total(vector.lowHalf + vector.highHalf) }

  @inline(always)
  public static func rectified(_ vector: Vector) -> Vector { vector.replacing(with: 0, where: vector .< 0) }

  @inline(always)
  public static func gated(_ vector: Vector, by gate: Vector) -> Vector {
    vector.replacing(with: 0, where: gate .<= 0)
  }
}

/// Eight lanes, fused: an AVX2 register, or two of NEON side by side.
@frozen
public enum Fused8: Architecture {
  public typealias Vector = SIMD8<Float>

  @inline(always)
  public static func multiplyAdd(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector {
    sum.addingProduct(a, b)
  }

  @inline(always)
  public static func total(_ vector: Vector) -> Float { Fused4.total(vector.lowHalf + vector.highHalf) }

  @inline(always)
  public static func rectified(_ vector: Vector) -> Vector { vector.replacing(with: 0, where: vector .< 0) }

  @inline(always)
  public static func gated(_ vector: Vector, by gate: Vector) -> Vector {
    vector.replacing(with: 0, where: gate .<= 0)
  }
}

/// Four lanes, fused: a NEON register.
@frozen
public enum Fused4: Architecture {
  public typealias Vector = SIMD4<Float>

  @inline(always)
  public static func multiplyAdd(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector {
    sum.addingProduct(a, b)
  }

  @inline(always)
  public static func total(_ vector: Vector) -> Float {
    let pair = vector.lowHalf + vector.highHalf
    return pair[0] + pair[1]
  }

  @inline(always)
  public static func rectified(_ vector: Vector) -> Vector { vector.replacing(with: 0, where: vector .< 0) }

  @inline(always)
  public static func gated(_ vector: Vector, by gate: Vector) -> Vector {
    vector.replacing(with: 0, where: gate .<= 0)
  }
}

/// Four lanes, rounded twice: an SSE register of a processor without fused multiply-add, where `addingProduct` would
/// become a library call for every lane.
@frozen
public enum Separate4: Architecture {
  public typealias Vector = SIMD4<Float>

  @inline(always)
  public static func multiplyAdd(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector { sum + a * b }

  @inline(always)
  public static func total(_ vector: Vector) -> Float { Fused4.total(vector) }

  @inline(always)
  public static func rectified(_ vector: Vector) -> Vector { vector.replacing(with: 0, where: vector .< 0) }

  @inline(always)
  public static func gated(_ vector: Vector, by gate: Vector) -> Vector {
    vector.replacing(with: 0, where: gate .<= 0)
  }
}
