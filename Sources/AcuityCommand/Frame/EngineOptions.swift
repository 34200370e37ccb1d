import Acuity
import ArgumentParser
import Stages

/// Which model computes, and how.
struct EngineOptions: ParsableArguments {
  @Option(help: "The model: vdsr (the default), fast, or a safetensors file.")
  var model: Path?

  @OptionGroup var compute: ComputeOptions

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
  func networks() throws -> NetworkLibrary {
    if model == nil, compute.isa == nil, let early = try EarlyNetwork.network() {
      return NetworkLibrary(default: early)
    }
    return NetworkLibrary(instructionSet: compute.isa, defaultModel: try loadModel())
  }

  /// The model asked for, ready to run.
  func makeNetwork() throws -> Network {
    try Network(loadModel(), instructionSet: compute.isa, algorithm: algorithm)
  }
}
