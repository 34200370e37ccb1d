import Acuity
import Benchmark

/// Every convolution kernel on every instruction set that this machine has, one thread, in the caches.
func registerKernels() {
  for set in InstructionSet.supported {
    let cases = [
      ("direct", "1x64"), ("direct", "64x64"), ("direct", "64x1"), ("winograd4", "64x64"),
      ("winograd6", "64x64"),
    ]
    for (algorithm, channels) in cases {
      Command.register(
        "Kernels/\(set.rawValue)/\(algorithm)/\(channels)",
        [
          "conv", "--channels", channels, "--algorithm", algorithm, "--isa", set.rawValue, "--threads", "1",
          "--repeats", "15",
        ])
    }
  }
}
