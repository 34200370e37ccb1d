import ArgumentParser
import Batch

/// Where codecs run.
struct IsolationOptions: ParsableArguments {
  @Option(
    help: "Where files are decoded and encoded: in processes with limits (process), or in this one (none).")
  var isolation = Isolation.process

  @Option(
    help: ArgumentHelp(
      "Processor time that decoding or encoding ten megapixels may take, 1 to 86400. A codec's process that does nothing for as long is "
        + "ended too, and one that is not done after 10 times as long, whatever it did.",
      valueName: "seconds"))
  var codecTimeout = WorkerCoder.Options().seconds

  enum Isolation: String, CaseIterable, ExpressibleByArgument {
    case process
    case none
  }

  func validate() throws {
    if !(1...86_400).contains(codecTimeout) {
      throw ValidationError("--codec-timeout is 1 to 86400 seconds, not \(codecTimeout)")
    }
  }

  var coder: any PictureCoder {
    switch isolation {
    case .process: WorkerCoder(.init(seconds: codecTimeout))
    case .none: InProcessCoder()
    }
  }
}
