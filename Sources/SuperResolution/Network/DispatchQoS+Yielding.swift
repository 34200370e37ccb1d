package import Dispatch

extension DispatchQoS {
  /// For what is wanted soon, beside what is wanted first: on Linux its threads are a little nicer. Apple's systems would have
  /// it done by their slow cores.
  package static var yielding: DispatchQoS {
    #if canImport(Darwin)
      .default
    #else
      .utility
    #endif
  }
}
