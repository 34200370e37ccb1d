import Acuity

// VDSR's shape with made-up weights, so that the speed is that of the real thing.
let channels = [1] + [Int](repeating: 64, count: 19) + [1]
let layers = (0..<20).map { index in
  let count = 9 * channels[index] * channels[index + 1]
  return Model.Layer(
    inputChannels: channels[index], outputChannels: channels[index + 1],
    weights: (0..<count).map { Float(($0 * 7919) % 101 - 50) / 1000 }, relu: index < 19)
}
let network = try Network(Model(layers: layers))

let picture = Image(
  width: 32, height: 24, layout: .rgb, samples: .uint8((0..<32 * 24 * 3).map { UInt8($0 % 251) }))
let large = try await Upscaler(network).upscaled(picture, to: Size(width: 80, height: 60))
let file = try ImageFile.encode(large, as: .png)
let again = try ImageFile.read(bytes: file)
precondition(again.samples == large.samples)

let plane = Plane(width: 256, height: 256, repeating: 0.5)
_ = try network.enhance(plane)
let duration = try ContinuousClock().measure { _ = try network.enhance(plane) }
print(duration / .seconds(1))
