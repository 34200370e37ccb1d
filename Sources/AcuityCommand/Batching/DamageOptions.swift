import Acuity
import ArgumentParser

/// With what a watched folder has no use for: there, a file that does not decode to its end is still being written.
struct DamageOptions: ParsableArguments {
  @Flag(
    help: """
      Take a damaged or cut JPEG or PNG as far as it decodes, with a warning; what is missing is gray, black or \
      transparent.
      """)
  var tolerant = false

  func applied(to options: ReadOptions) -> ReadOptions {
    var options = options
    options.acceptsDamage = tolerant
    return options
  }
}
