import ArgumentParser
import Batch

/// A number of pixels as people write it: `50M` is fifty million.
struct PixelCount: ExpressibleByArgument {
  let count: Int

  init?(argument: String) {
    guard let count = Quantity.pixels(argument) else { return nil }
    self.count = count
  }
}
