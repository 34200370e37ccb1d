import Acuity
import Benchmark
import Foundation

/// VDSR over planes of several sizes, with every algorithm and with one thread and all.
func registerNetworks() {
  let cores = ProcessInfo.processInfo.activeProcessorCount
  for (width, height) in [(64, 64), (256, 256), (512, 512)] {
    registerNetwork(.auto, width, height, threads: cores)
  }
  registerNetwork(.auto, 256, 256, threads: 1)
  for algorithm in [Network.Algorithm.direct, .winograd4] {
    registerNetwork(algorithm, 256, 256, threads: cores)
  }
  Benchmark("Network/packing weights") { benchmark in
    let model = try Inputs.model()
    benchmark.startMeasurement()
    blackHole(try Network(model))
    benchmark.stopMeasurement()
  }
}

private func registerNetwork(_ algorithm: Network.Algorithm, _ width: Int, _ height: Int, threads: Int) {
  let name = "Network/\(algorithm.rawValue)/\(width)x\(height)/\(threads == 1 ? "one thread" : "all cores")"
  Benchmark(name, configuration: runs(5)) { benchmark in
    let network = try Network(Inputs.model(), algorithm: algorithm)
    let plane = Inputs.plane(width, height)
    benchmark.startMeasurement()
    blackHole(try network.enhance(plane, options: RunOptions(threads: threads)))
    benchmark.stopMeasurement()
  }
}
