import Acuity
import ArgumentParser
import Stages

/// Which model computes, and how; with what of the machine, `ComputeOptions` say beside these, not within: a group inside
/// another costs a debug build's start the most, for the parser checks it once more for each check of the outer.
struct EngineOptions: ParsableArguments {
  @Option(help: "The model: \(ModelRegistry.builtIn.help), or a safetensors file.")
  var model: Path?

  @Option(
    help: "How layers are computed, if the model has some: the fastest exact way (auto), or the one named.")
  var algorithm = Network.Algorithm.auto

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

  /// The models of a job, with the one asked for where its stages name none. Each is made for the first stage that asks for it.
  func models(_ isa: InstructionSet?) throws -> ModelLibrary {
    if model == nil, isa == nil, let early = try EarlyNetwork.network() { return ModelLibrary(ready: early) }
    return ModelLibrary(instructionSet: isa, defaultModel: model?.bytes)
  }

  /// The model asked for, else the default one, ready to run.
  func makeModel(_ isa: InstructionSet?) throws -> any LumaModel {
    try ModelRegistry.builtIn.model(
      pathBytes: model?.bytes, ModelRegistry.Choices(instructionSet: isa, algorithm: algorithm))
  }
}
