package import Pixels

extension Model {
  /// What the numbers of the model's luma plane mean, as its file says.
  package var lumaConvention: LumaConvention {
    metadata[Key.color].flatMap { LumaConvention(metadata: $0) } ?? .studio
  }
}

extension LumaConvention {
  /// By its name in a model's file.
  init?(metadata: String) {
    switch metadata {
    case Model.defaultColor: self = .studio
    case "bt601-full/255": self = .full
    default: return nil
    }
  }
}
