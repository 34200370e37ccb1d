public import ArgumentParser
public import Convolution

extension InstructionSet: ExpressibleByArgument {}
