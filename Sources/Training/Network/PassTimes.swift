/// What the three convolutions of every layer take when training, in the time of one thread.
package struct PassTimes: Sendable {
  package var forward = Duration.zero
  /// The gradient with respect to the activations.
  package var dataGradient = Duration.zero
  /// The gradient with respect to the weights and biases.
  package var weightGradient = Duration.zero

  package static func + (a: Self, b: Self) -> Self {
    PassTimes(
      forward: a.forward + b.forward, dataGradient: a.dataGradient + b.dataGradient,
      weightGradient: a.weightGradient + b.weightGradient)
  }

  package static func - (a: Self, b: Self) -> Self {
    PassTimes(
      forward: a.forward - b.forward, dataGradient: a.dataGradient - b.dataGradient,
      weightGradient: a.weightGradient - b.weightGradient)
  }
}
