import Benchmark

/// What `swift package benchmark` runs.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = runs(20)
  registerKernels()
  registerNetworks()
  registerImages()
  registerTraining()
}

/// A number of runs and no time, which would leave a slow machine with a single run. No throughput either: in whole runs
/// a second, it is missing where a run takes seconds.
func runs(_ count: Int) -> Benchmark.Configuration {
  Benchmark.Configuration(
    metrics: [.wallClock], warmupIterations: 1, maxDuration: .seconds(3600), maxIterations: count)
}
