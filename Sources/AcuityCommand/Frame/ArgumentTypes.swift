// What the library's types look like on the command line.

public import ArgumentParser
public import Convolution
public import ImageFiles
public import SuperResolution

extension InstructionSet: ExpressibleByArgument {}
extension Network.Algorithm: ExpressibleByArgument {}

extension ImageFormat: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(named: argument)
  }

  public static var allValueStrings: [String] { writable.map(\.name) }
}
