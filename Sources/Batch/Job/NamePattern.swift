package import Acuity
package import Folders

/// How an output is called, after its input: text with variables in braces, such as `{stem}_{scale}x.{ext}`.
///
/// | variable | meaning |
/// |---|---|
/// | `{stem}` | the input's name without its extension |
/// | `{name}` | the input's whole name |
/// | `{ext}` | the extension of the output's format; the input's own, letter case and all, if it fits |
/// | `{format}` | `png`, `jpeg`, `webp` |
/// | `{scale}` | the factor, such as `2` or `2.5` |
/// | `{width}`, `{height}` | the output's size in pixels |
///
/// `{{` and `}}` stand for braces. A slash makes a folder below the one that mirrors the input's.
package struct NamePattern: Sendable, Equatable {
  /// Variable parts by name.
  package enum Variable: String, Sendable, CaseIterable {
    case stem
    case name
    case ext
    case format
    case scale
    case width
    case height
  }

  private enum Part: Sendable, Equatable {
    case literal([UInt8])
    case variable(Variable)
  }

  package let text: String
  private let parts: [Part]

  /// The input's name, with the extension of the output's format.
  package static let same = NamePattern(
    text: "{stem}.{ext}",
    parts: [
      .variable(.stem), .literal([UInt8(ascii: ".")]), .variable(.ext),
    ])

  /// A fixed name, whatever braces it holds: for a single output that the user has named.
  package static func fixed(_ name: [UInt8]) -> NamePattern {
    NamePattern(text: escaped(name), parts: [.literal(name)])
  }

  private init(text: String, parts: [Part]) {
    self.text = text
    self.parts = parts
  }

  /// - Throws: a text for people: an unknown variable, a brace without its partner, a name that cannot be one.
  package init(_ text: String) throws(Malformed) {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func malformed(_ reason: String) -> Malformed { Malformed(pattern: text, reason: reason) }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "{") where rest.first == byte, UInt8(ascii: "}") where rest.first == byte:
        literal.append(byte)
        rest = rest.dropFirst()
      case UInt8(ascii: "{"):
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          throw malformed("a '{' has no '}'; write {{ for a brace")
        }
        let name = String(decoding: rest[..<end], as: UTF8.self)
        guard let variable = Variable(rawValue: name) else {
          let known = Variable.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
          throw malformed("there is no {\(escaped(name.utf8))}; there are \(known)")
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
        parts.append(.variable(variable))
        rest = rest[(end + 1)...]
      case UInt8(ascii: "}"):
        throw malformed("a '}' has no '{'; write }} for a brace")
      default:
        literal.append(byte)
      }
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    self.init(text: text, parts: parts)
    // Variables are never empty and hold no slash, so what holds for one set of values holds for all.
    let sample = Values(
      stem: [UInt8(ascii: "s")], name: [UInt8(ascii: "n")], ext: [UInt8(ascii: "e")], format: .png,
      scale: "2",
      size: Size(width: 1, height: 1))
    guard RelativePath(bytes(sample)) != nil else {
      throw malformed(
        text.isEmpty
          ? "it is empty" : "it is no name below the output folder: no '..', no empty part, no leading slash")
    }
  }

  /// The extension that every output gets, where the pattern states one itself.
  package var fixedExtension: String? {
    guard case .literal(let end)? = parts.last, let dot = end.lastIndex(of: UInt8(ascii: ".")) else {
      return nil
    }
    return String(decoding: end[(dot + 1)...], as: UTF8.self).lowercased()
  }

  /// A pattern that cannot be used, and why.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package let pattern: String
    package let reason: String

    package var description: String { "the name pattern '\(escaped(pattern.utf8))': \(reason)" }
  }
}

extension NamePattern {
  /// What the variables stand for.
  package struct Values: Sendable {
    package var stem: [UInt8]
    package var name: [UInt8]
    package var ext: [UInt8]
    package var format: ImageFormat
    package var scale: String
    package var size: Size
  }

  private func bytes(_ values: Values) -> [UInt8] {
    parts.flatMap { part -> [UInt8] in
      switch part {
      case .literal(let bytes): bytes
      case .variable(.stem): values.stem
      case .variable(.name): values.name
      case .variable(.ext): values.ext
      case .variable(.format): Array(values.format.name.utf8)
      case .variable(.scale): Array(values.scale.utf8)
      case .variable(.width): Array("\(values.size.width)".utf8)
      case .variable(.height): Array("\(values.size.height)".utf8)
      }
    }
  }

  /// The output's path for an input at `path`, in the folder that mirrors the input's; nil if the pattern and the
  /// input's name together are no path (a stem of `..` before nothing, say).
  package func path(
    for path: RelativePath, format: ImageFormat, scale: String, size: Size
  ) -> RelativePath? {
    let ownExtension = path.name.suffix(path.pathExtension.count)
    let fits = ImageFormat(named: String(decoding: ownExtension, as: UTF8.self)) == format
    let values = Values(
      stem: path.stem, name: path.name,
      ext: fits ? Array(ownExtension) : Array((format.fileExtensions.first ?? format.name).utf8),
      format: format, scale: scale, size: size)
    let name = bytes(values)
    return RelativePath(path.folder.map { $0.bytes + [UInt8(ascii: "/")] + name } ?? name)
  }
}
