import ArgumentParser
import Batch
import Folders
import Foundation

/// How a batch is run, whatever it does to the pictures.
struct BatchRunOptions: ParsableArguments {
  @Flag(
    name: [.long, .customShort("n")],
    help: "Say what would be done, how large outputs become and how long it takes.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Remember in this file what is done, by content, model and options: what has changed is made again, what has not "
        + "is not. Of one run at a time: parts of a batch (--shard) need one each.", valueName: "file"))
  var ledger: Path?

  @Option(
    help: ArgumentHelp(
      "Write a report into this folder: a page for people, JSON and CSV.", valueName: "folder"))
  var report: Path?

  @Option(
    help: ArgumentHelp(
      "Do one part of n: 1/n to n/n; auto or auto/n takes it from the variables of an array job (Kubernetes, AWS "
        + "Batch, Slurm). Another n is another division, of which the parts' ledgers know nothing. Not for a picture of "
        + "standard input or output.",
      valueName: "i/n"))
  var shard: String?

  @Flag(help: "End the run with the first file that fails.")
  var failFast = false

  @Option(
    help: ArgumentHelp("Write events to this open descriptor, one JSON object a line.", valueName: "number"))
  var eventsFd: Int32?

  func validate() throws {
    _ = try part
    if let eventsFd, eventsFd < 1 { throw ValidationError("--events-fd is 1 or more, not \(eventsFd)") }
    // Now, for later the number may be that of a file of our own.
    if let eventsFd, !Descriptor.isWritable(eventsFd) {
      throw ValidationError(
        "--events-fd \(eventsFd) is not open for writing: open it, as in --events-fd 3 3>events.ndjson")
    }
    if dryRun, report != nil || eventsFd != nil {
      throw ValidationError("a dry run has neither report nor events: leave --report and --events-fd out")
    }
  }

  var part: Shard? {
    get throws {
      guard let shard else { return nil }
      do throws(Shard.Malformed) {
        return try Shard(shard, environment: ProcessInfo.processInfo.environment)
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  /// Where events go; nil if nobody wants them.
  var eventsDescriptor: Int32? {
    eventsFd == STDOUT_FILENO ? StandardOutput.descriptor : eventsFd
  }

  /// Where files are decoded and encoded; it gets ready while the caller goes on.
  func preparedCoder(_ codecs: IsolationOptions) -> any PictureCoder {
    if let early = EarlyCodec.take() { return early }
    let coder = codecs.coder
    if !dryRun { coder.prepare() }
    return coder
  }
}
