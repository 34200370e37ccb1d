public import ArgumentParser
public import Convolution
public import SuperResolution

extension InstructionSet: ExpressibleByArgument {}
extension Network.Algorithm: ExpressibleByArgument {}
