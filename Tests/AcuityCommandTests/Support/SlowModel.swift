import Acuity

extension Model {
  /// 40 layers of 64 channels: 1.4 million multiply-adds a pixel, so that a picture is in work as long as a test likes.
  static var slow: Model {
    get throws {
      try Model(
        layers: (0..<40).map { index in
          let isEnd = index == 0 || index == 39
          return Layer(
            inputChannels: index == 0 ? 1 : 64, outputChannels: index == 39 ? 1 : 64,
            weights: [Float](repeating: 0.001, count: 9 * (isEnd ? 64 : 4096)), relu: index < 39)
        })
    }
  }
}
