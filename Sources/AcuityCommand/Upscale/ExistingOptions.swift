import ArgumentParser
import Batch

/// What a batch does about outputs that are there already; a watched folder has choices of its own.
struct ExistingOptions: ParsableArguments {
  @Option(
    help: """
      An output that is there: skip it if its format and size are right and fail if not, verify that it is what was \
      made, by the ledger or by decoding it to the last pixel, and make it again if not, overwrite it, rename the new \
      one, or fail.
      """)
  var ifExists = Job.ExistingOutput.skip
}
