/// In the place of the standard library's, which Embedded Swift lacks: compiled into `Convolution`, whose kernels need
/// none of it.
public protocol Codable {}
