import Acuity

/// What a model's file says, or of a model without one the registry.
struct ModelDescription: InfoDescription {
  struct Layer: Encodable {
    let inputChannels: Int
    let outputChannels: Int
    let bias: Bool
    let relu: Bool
  }

  let name: String
  /// Of a model without a file.
  let summary: String?
  /// None where there is no network, which has neither parameters nor what is nil then.
  let layers: [Layer]
  let residual: String?
  let parameters: Int
  let multiplyAddsPerPixel: Int
  /// Pixels of surroundings that a result depends on.
  let halo: Int?
  let metadata: [String: String]

  init(of name: Path?) throws {
    let registry = ModelRegistry.builtIn
    if let entry = registry.code(name?.bytes) {
      self.init(entry, try registry.model(entry.name))
    } else {
      self.init(try registry.weights(name?.bytes))
    }
  }

  private init(_ entry: ModelRegistry.Entry, _ model: any LumaModel) {
    name = entry.name
    summary = entry.summary
    layers = []
    residual = nil
    parameters = 0
    multiplyAddsPerPixel = model.multiplyAddsPerPixel
    halo = nil
    metadata = [:]
  }

  private init(_ model: Model) {
    name = model.name
    summary = nil
    layers = model.layers.map {
      Layer(
        inputChannels: $0.inputChannels, outputChannels: $0.outputChannels, bias: $0.bias != nil,
        relu: $0.relu)
    }
    residual = model.residual.rawValue
    parameters = model.layers.reduce(0) { $0 + $1.weights.count + ($1.bias?.count ?? 0) }
    multiplyAddsPerPixel = model.multiplyAddsPerPixel
    halo = model.halo
    metadata = model.metadata
  }

  var text: String {
    let widest = layers.map(\.outputChannels).max() ?? 0
    let rows =
      [
        ("model", summary),
        ("layers", layers.isEmpty ? nil : "\(layers.count) of 3x3 convolutions, up to \(widest) channels"),
        ("residual", residual),
        ("parameters", layers.isEmpty ? nil : "\(parameters)"),
        ("work", "\(multiplyAddsPerPixel) multiply-adds per pixel"),
        ("halo", halo.map { "\($0) pixels" }),
      ].compactMap { key, value in value.map { (key, $0) } }
      + metadata.filter { $0.key != Model.Key.layers && $0.key != Model.Key.residual }.sorted {
        $0.key < $1.key
      }
    return name + "\n" + Text.table(rows.map { ($0.0, Text.safe($0.1)) })
  }
}
