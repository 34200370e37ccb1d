package import Acuity

/// The format that an output's name and the user's wish agree on.
package enum NamedFormat {
  /// A name and a format that do not go together; a text for people.
  package struct Mismatch: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Extensions of picture formats that Acuity does not write: under such a name, any other format would mislead
  /// whoever opens the file.
  package static let foreignExtensions = InputSelection.foreignPhotographs.union([
    "pdf", "ppm", "psd", "svg", "tga",
  ])

  /// The format that `asked` and the extension of a file's name or of a pattern of names, without the dot, ask for; nil if
  /// neither says anything.
  package static func of(_ ending: String?, asked: ImageFormat?) throws(Mismatch) -> ImageFormat? {
    guard let ending else { return asked }
    guard let named = ImageFormat(named: ending) else {
      if foreignExtensions.contains(ending) {
        throw Mismatch(
          description: "acuity writes no \(ending); let the output's name end in .png, .jpg or .webp")
      }
      return asked
    }
    guard named.isWritable else {
      throw Mismatch(
        description: "acuity only reads \(named); let the output's name end in .png, .jpg or .webp")
    }
    if let asked, asked != named {
      throw Mismatch(
        description: "the output's name asks for \(named), but the format for \(asked); change one of them")
    }
    return named
  }
}
