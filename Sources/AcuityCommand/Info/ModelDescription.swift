import Acuity

/// What a model's file says.
struct ModelDescription: InfoDescription {
  struct Layer: Encodable {
    let inputChannels: Int
    let outputChannels: Int
    let bias: Bool
    let relu: Bool
  }

  let name: String
  let layers: [Layer]
  let residual: String
  let parameters: Int
  let multiplyAddsPerPixel: Int
  /// Pixels of surroundings that a result depends on.
  let halo: Int
  let metadata: [String: String]

  init(of name: Path?) throws(ModelError) {
    let model = try ModelCatalog.load(pathBytes: name?.bytes)
    self.name = model.name
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
        ("layers", "\(layers.count) of 3x3 convolutions, up to \(widest) channels"),
        ("residual", residual),
        ("parameters", "\(parameters)"),
        ("work", "\(multiplyAddsPerPixel) multiply-adds per pixel"),
        ("halo", "\(halo) pixels"),
      ]
      + metadata.filter { $0.key != Model.Key.layers && $0.key != Model.Key.residual }.sorted {
        $0.key < $1.key
      }
    return name + "\n" + Text.table(rows.map { ($0.0, Text.safe($0.1)) })
  }
}
