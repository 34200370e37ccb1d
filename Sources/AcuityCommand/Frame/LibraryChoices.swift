public import ArgumentParser
import Batch
public import Convolution
public import ImageFiles
public import SuperResolution

// The libraries' choices as values of options, by their raw values.

extension InstructionSet: ExpressibleByArgument {}
extension Network.Algorithm: ExpressibleByArgument {}
extension ReadOptions.CMYK: ExpressibleByArgument {}
extension ReadOptions.Animation: ExpressibleByArgument {}
extension EncodeOptions.MetadataPolicy: ExpressibleByArgument {}
extension Job.ExistingOutput: ExpressibleByArgument {}
extension Job.Verification: ExpressibleByArgument {}

/// By its names, those of files' endings too.
extension ImageFormat: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(named: argument)
  }

  public static var allValueStrings: [String] { writable.map(\.name) }
}
