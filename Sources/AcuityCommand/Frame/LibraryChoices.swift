public import ArgumentParser
import Batch
public import ImageFiles

// The libraries' choices as values of options, by their raw values.

extension ReadOptions.CMYK: ExpressibleByArgument {}
extension ReadOptions.Animation: ExpressibleByArgument {}
extension EncodeOptions.MetadataPolicy: ExpressibleByArgument {}
extension Job.ExistingOutput: ExpressibleByArgument {}
extension Job.Verification: ExpressibleByArgument {}
