import Acuity
import ArgumentParser

/// With what a watched folder has no use for: there, a file that does not decode to its end is still being written.
struct BatchReadingOptions: ParsableArguments {
  @OptionGroup var common: ReadingOptions

  @Flag(
    help: """
      Take a damaged or cut JPEG or PNG as far as it decodes, with a warning; what is missing is gray, black or \
      transparent.
      """)
  var tolerant = false

  var options: ReadOptions {
    var options = common.options
    options.acceptsDamage = tolerant
    return options
  }

  var limits: Limits { common.limits }
}
