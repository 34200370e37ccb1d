import Acuity
import ArgumentParser
import Stages

/// Which model computes, and how; with what of the machine, `ComputeOptions` say beside these, not within: a group inside
/// another costs a debug build's start the most, for the parser checks it once more for each check of the outer.
struct EngineOptions: ParsableArguments {
  @Option(help: "The model: vdsr (the default), fast, or a safetensors file.")
  var model: Path?

  @Option(help: "How layers are computed: the fastest exact way (auto), or the one named.")
  var algorithm = Network.Algorithm.auto

  /// The model asked for, else the one that ships with the program.
  func loadModel() throws(ModelError) -> Model {
    try ModelCatalog.load(pathBytes: model?.bytes)
  }

  /// The stages with the algorithm asked for, as an option of those that compute with a network and name none
  /// themselves; so the ledger tells their results apart.
  func applied(to requests: [StageRequest]) -> [StageRequest] {
    if algorithm == .auto { return requests }
    return requests.map { request in
      guard request.name == Upscale.name, !request.settings.contains(where: { $0.option == "algorithm" })
      else {
        return request
      }
      return StageRequest(
        request.name, request.settings + [StageRequest.Setting("algorithm", algorithm.rawValue)])
    }
  }

  /// The networks of a job, with the model asked for where its stages name none.
  func networks(_ isa: InstructionSet?) throws -> NetworkLibrary {
    if model == nil, isa == nil, let early = try EarlyNetwork.network() {
      return NetworkLibrary(default: early)
    }
    return NetworkLibrary(instructionSet: isa, defaultModel: try loadModel())
  }

  /// The model asked for, ready to run.
  func makeNetwork(_ isa: InstructionSet?) throws -> Network {
    try Network(loadModel(), instructionSet: isa, algorithm: algorithm)
  }
}
