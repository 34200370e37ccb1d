#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ModelError: CustomStringConvertible {
  /// One line: the file, the tensor, what is wrong, and what to do about it.
  public var description: String {
    let file = file.isEmpty ? "a model of no name" : file
    let place = tensor.map { "\(file): tensor \($0.debugDescription)" } ?? file
    return "\(place): \(cause). \(cause.advice)"
  }
}

extension ModelError.Cause: CustomStringConvertible {
  /// What is wrong, as a phrase that follows the name of the file or the tensor.
  public var description: String {
    switch self {
    case .unreadable(let code): unsafe "cannot be read (\(String(cString: strerror(code))))"
    case .notFound(let folders, let names):
      "is in none of the folders \(folders.joined(separator: ", "))"
        + (names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))")
    case .notARegularFile: "is not a regular file"
    case .fileTooLarge(let bytes, let limit): "has \(bytes) bytes, over the limit of \(limit)"
    case .headerTooLarge(let bytes, let limit):
      "claims a header of \(bytes) bytes, over the limit of \(limit)"
    case .truncated(let bytes, let needed): "has \(bytes) bytes where its header calls for \(needed)"
    case .trailingBytes(let count): "has \(count) bytes after its last tensor"
    case .malformedHeader(let offset, let reason): "is no safetensors file: \(reason) at byte \(offset)"
    case .tooManyEntries(let limit): "has more than \(limit) tensors or metadata entries"
    case .unknownDataType(let type): "has the unknown type \(type.debugDescription)"
    case .unsupportedDataType(let type): "has values of type \(type) where F32 is needed"
    case .misplaced(let begin, let end, let expected):
      "lies at \(begin) to \(end), where the tensor before it ends at \(expected)"
    case .wrongSize(let bytes, let expected?): "has \(bytes) bytes where its shape calls for \(expected)"
    case .wrongSize(_, nil): "has a shape too large to exist, or that does not fill its last byte"
    case .notFinite(let index): "holds an infinity or not-a-number as its value \(index)"
    case .missingTensor: "is missing"
    case .unexpectedTensor: "belongs to no layer"
    case .wrongShape(let shape, let expected):
      "has the shape \(shape) where [\(expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", "))] "
        + "is needed"
    case .brokenChain(let layer, let reads, let previous):
      "layer \(layer) reads \(reads) channels where the layer before it writes \(previous)"
    case .notLumaToLuma(let reads, let writes):
      "the network reads \(reads) channels and writes \(writes), where one luma channel in and out is needed"
    case .rectifiedResidual:
      "has a rectifier after its last layer, whose output is to be added to the input or subtracted from it"
    case .noLayers: "has no layers"
    case .wrongCount(let count, let expected): "has \(count) values where \(expected) are needed"
    case .unknownFormat(let version): "has the format version \(version.debugDescription)"
    case .malformedDescription(let key, let value):
      "describes its network by \(key) = \(value.debugDescription), which says nothing known"
    case .outputNotFinite: "the model's output is no number"
    case .tooMuchMemory(let bytes, let available):
      "takes at least \(bytes >> 20) MB of memory for the picture, where there are \(available >> 20) MB"
    case .noWeights: "is a model without weights, which are needed here"
    case .notRegistrable(let reason): "cannot be registered: \(reason)"
    }
  }

  /// What the user can do.
  var advice: String {
    switch self {
    case .unreadable, .notARegularFile:
      "Check the path and its permissions."
    case .notFound:
      "Name the model's file, or set ACUITY_MODELS to the folder that has it."
    case .fileTooLarge, .tooManyEntries, .unsupportedDataType, .unexpectedTensor, .missingTensor, .wrongShape,
      .brokenChain, .notLumaToLuma, .rectifiedResidual, .noLayers, .wrongCount, .malformedDescription:
      "Use a model of 3x3 convolutions over luma, as the documentation's weight file format describes it."
    case .unknownFormat:
      "Update Acuity, or use a model written for this version."
    case .outputNotFinite:
      "Its weights are finite but too large: use another model, or train it anew. (A plane of your own has to hold numbers, of "
        + "about 0 to 1.)"
    case .tooMuchMemory:
      "Use a model of fewer channels, fewer threads or a smaller picture."
    case .noWeights:
      "Name one that is a weights file."
    case .notRegistrable:
      "Choose another name."
    case .headerTooLarge, .truncated, .trailingBytes, .malformedHeader, .unknownDataType, .misplaced,
      .wrongSize, .notFinite:
      "The file is damaged or not a model: fetch or export it anew."
    }
  }
}
