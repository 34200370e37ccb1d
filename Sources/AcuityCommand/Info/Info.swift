import Acuity
import ArgumentParser

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what a picture, a model or this machine is.",
    discussion: """
      Examples:
        acuity info photo.jpg holiday.png
        acuity info --model                 the default model
        acuity info --model fast weights.safetensors --json
        acuity info --cpu
      """)

  @Argument(
    help:
      "Pictures or model files, - for a picture from standard input; with --model, names of models or their files."
  )
  var files: [Path] = []

  @Flag(help: "Describe models: those named, else the default one.")
  var model = false

  @Flag(help: "Describe this machine: instruction sets, cores, caches.")
  var cpu = false

  @Flag(help: "Print JSON: an object for one thing, an array for several.")
  var json = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if cpu && model { throw ValidationError("--cpu and --model exclude each other") }
    if cpu && !files.isEmpty { throw ValidationError("--cpu takes no file") }
    if !cpu && !model && files.isEmpty {
      throw ValidationError("name a picture, or ask for --model or --cpu")
    }
  }

  func run() throws {
    if cpu {
      try show([Result { try ProcessorDescription() as any InfoDescription }])
    } else if model {
      let names: [Path?] = files.isEmpty ? [nil] : files
      try show(names.map { name in Result { try ModelDescription(of: name) as any InfoDescription } })
    } else {
      try show(
        files.map { file in
          Result {
            do throws(ImageFileError) {
              return try PictureDescription(of: file) as any InfoDescription
            } catch {
              guard error.cause == .unknownFormat, file.bytes.ends(with: ".safetensors") else { throw error }
              return try ModelDescription(of: file)
            }
          }
        })
    }
  }

  /// Prints what was found out, says of the rest why not, and throws the code for it.
  private func show(_ results: [Result<any InfoDescription, any Error>]) throws {
    let found = results.compactMap { try? $0.get() }
    if json {
      let isAlone = results.count == 1
      if let only = found.first, isAlone {
        try Console.print(JSON.text(JSON.Value(only), pretty: true))
      } else if !isAlone {
        try Console.print(JSON.text(found.map(JSON.Value.init), pretty: true))
      }
    } else if !found.isEmpty {
      try Console.print(found.map(\.text).joined(separator: "\n\n"))
    }
    var statuses: [ExitStatus] = []
    for case .failure(let error) in results {
      Console.report(.error, "\(error)")
      statuses.append(ExitStatus(error))
    }
    if let status = statuses.first { throw results.count == 1 ? status : ExitStatus.someInputsFailed }
  }
}

/// What `acuity info` has found out: for programs as it is encoded, for people as text.
protocol InfoDescription: Encodable, Sendable {
  var text: String { get }
}

extension [UInt8] {
  fileprivate func ends(with suffix: String) -> Bool {
    self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
