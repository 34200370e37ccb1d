import Acuity
import ArgumentParser
import Foundation
import Stages

/// Which model computes, and how.
struct EngineOptions: ParsableArguments {
  @Option(help: "The model: vdsr (the default), fast, or a safetensors file.")
  var model: Path?

  @Option(help: "Threads to compute with; by default one for every core.")
  var threads: Int?

  @Option(
    help: "The instruction set to use instead of the best that the machine has (see acuity info --cpu).")
  var isa: InstructionSet?

  @Option(help: "How layers are computed: the fastest exact way (auto), or the one named.")
  var algorithm = Network.Algorithm.auto

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is 1 to 1024, not \(threads)")
    }
    _ = try InstructionSet.resolve(isa)
  }

  /// The instruction set that the user has named in whatever way; nil if the machine's best is to be taken.
  var namedInstructionSet: InstructionSet? {
    isa
      ?? ProcessInfo.processInfo.environment["ACUITY_ISA"].flatMap {
        InstructionSet(rawValue: $0.lowercased())
      }
  }

  /// The model asked for, else the one that ships with the program.
  func loadModel() throws(ModelError) -> Model {
    try ModelCatalog.load(pathBytes: model?.bytes)
  }

  /// The stages with the algorithm asked for, as an option of those that compute with a network and name none
  /// themselves; so the ledger tells their results apart.
  func applied(to requests: [StageRequest]) -> [StageRequest] {
    if algorithm == .auto { return requests }
    return requests.map { request in
      guard request.name == "upscale", !request.settings.contains(where: { $0.option == "algorithm" }) else {
        return request
      }
      return StageRequest(
        request.name, request.settings + [StageRequest.Setting("algorithm", algorithm.rawValue)])
    }
  }

  /// The model asked for, ready to run.
  func makeNetwork() throws -> Network {
    try Network(loadModel(), instructionSet: isa, algorithm: algorithm)
  }
}
