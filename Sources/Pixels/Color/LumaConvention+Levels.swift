extension LumaConvention {
  /// What a network is given for a level of BT.601 luma of 16...235.
  package func value(ofLevel level: Double) -> Double {
    // Published figures hang on the last bit of this quotient.
    if self == .studio { return level / 255 }
    return Double(offset) + Double(range) * (level - 16) / 219
  }

  /// The level of 16...235 that a network means by a value.
  package func level(ofValue value: Double) -> Double {
    if self == .studio { return value * 255 }
    return (value - Double(offset)) / Double(range) * 219 + 16
  }
}

extension DoublePlane {
  /// Levels of 16...235 as a network of this convention is given them, in single precision.
  package func plane(_ convention: LumaConvention) -> Plane {
    Plane(width: width, height: height, pixels: samples.map { Float(convention.value(ofLevel: $0)) })
  }

  /// What a network of this convention has made, as levels of 16...235.
  package init(_ plane: Plane, _ convention: LumaConvention) {
    self.init(
      width: plane.width, height: plane.height,
      samples: plane.pixels.map { convention.level(ofValue: Double($0)) })
  }
}
