import Benchmark

/// What `swift package benchmark` runs.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], warmupIterations: 1, maxDuration: .milliseconds(500),
    maxIterations: 20)
  registerKernels()
  registerNetworks()
  registerImages()
  registerTraining()
}
