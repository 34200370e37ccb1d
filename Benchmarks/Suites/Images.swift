import Acuity
import Benchmark

/// A picture's way through the library: decoding, interpolation and colour, the whole upscale, encoding.
func registerImages() {
  for format in [ImageFormat.png, .jpeg, .webp] {
    Benchmark("Image/decode \(format.name)") { benchmark in
      let bytes = try ImageFile.encode(Inputs.picture, as: format)
      benchmark.startMeasurement()
      blackHole(try ImageFile.read(bytes: bytes))
      benchmark.stopMeasurement()
    }
    Benchmark("Image/encode \(format.name)") { benchmark in
      let picture = Inputs.picture
      benchmark.startMeasurement()
      blackHole(try ImageFile.encode(picture, as: format))
      benchmark.stopMeasurement()
    }
  }
  registerUpscale("Image/bicubic and colour to 1024x1024", Inputs.passThrough)
  registerUpscale("Image/upscale to 1024x1024", Inputs.model)
}

private func registerUpscale(_ name: String, _ model: @escaping () throws -> Model) {
  Benchmark(name, configuration: runs(5)) { benchmark in
    let upscaler = Upscaler(try Network(model()))
    let picture = Inputs.picture
    let size = Size(width: 2 * picture.width, height: 2 * picture.height)
    benchmark.startMeasurement()
    blackHole(try upscaler.upscale(picture, to: size))
    benchmark.stopMeasurement()
  }
}
