import Synchronization

/// A value that a closure hands on instead of keeping it: a picture's memory is given back while its file is still waited for.
final class Handover<Value: Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming Value) {
    self.value = Mutex(value)
  }

  /// The value, once.
  func take() -> Value {
    guard let value = value.withLock({ $0.take() }) else { preconditionFailure("handed on before") }
    return value
  }
}
