/// Why a model file, or a list of layers, is refused, or cannot be used after all: which file, which tensor, what is wrong,
/// and what to do.
public struct ModelError: Error, Sendable, Equatable {
  /// What is wrong. Numbers are as the file states them.
  public enum Cause: Sendable, Equatable {
    /// The system refused to open or read the file; the value is `errno`.
    case unreadable(errno: Int32)
    /// No model of this name is in any of the folders that were looked in.
    case notFound(lookedIn: [String], available: [String])
    /// A folder, pipe or device, which cannot be a model.
    case notARegularFile
    /// The file is larger than any model that this library accepts.
    case fileTooLarge(bytes: Int, limit: Int)
    /// The header claims more bytes than the format allows.
    case headerTooLarge(bytes: UInt64, limit: Int)
    /// The file ends before its header or its tensors do.
    case truncated(bytes: Int, needed: UInt64)
    /// Bytes follow the last tensor.
    case trailingBytes(count: UInt64)
    /// The header is not the JSON that the format prescribes; `offset` counts from the start of the file.
    case malformedHeader(offset: Int, reason: String)
    /// More tensors, or more metadata, than any model that this library accepts.
    case tooManyEntries(limit: Int)
    /// The tensor's type is none that the format knows.
    case unknownDataType(String)
    /// The tensor's type is known to the format but not usable here: weights are `F32`.
    case unsupportedDataType(String)
    /// The tensor does not start where the one before it ends, or ends before it starts.
    case misplaced(begin: UInt64, end: UInt64, expectedBegin: UInt64)
    /// The shape and type do not add up to the bytes that the tensor is given; `nil` where they overflow.
    case wrongSize(bytes: UInt64, expected: UInt64?)
    /// An infinity or not-a-number among the weights; the index counts values.
    case notFinite(index: Int)
    /// The layers call for a tensor that the file does not have.
    case missingTensor
    /// The file has a tensor that no layer calls for.
    case unexpectedTensor
    /// The tensor's shape is not what the layer calls for. A `nil` dimension may be any positive number.
    case wrongShape([UInt64], expected: [Int?])
    /// A layer reads another number of channels than the layer before it writes.
    case brokenChain(layer: Int, reads: Int, previousWrites: Int)
    /// The layers do not lead from one channel to one channel.
    case notLumaToLuma(reads: Int, writes: Int)
    /// A rectifier follows the last layer, whose output is to be added to the input or subtracted from it.
    case rectifiedResidual
    /// There is no layer at all.
    case noLayers
    /// The array of weights or biases has another number of values than the layer's channels call for.
    case wrongCount(Int, expected: Int)
    /// The file was written for a later version of this library.
    case unknownFormat(String)
    /// One of the strings that describe the network cannot be understood.
    case malformedDescription(key: String, value: String)
    /// What the model has made of a picture holds an infinity or not-a-number: its weights are too large, or a plane that was
    /// given to it holds such values, or ones far from 0...1.
    case outputNotFinite
    /// The picture takes more memory than the machine has, or the container may use, in however narrow tiles: the layers have too
    /// many channels.
    case tooMuchMemory(bytes: Int, available: Int)
    /// Weights are needed, and the model is none that has some.
    case noWeights
    /// No model can be registered under this name.
    case notRegistrable(reason: String)
  }

  /// The file, as the caller named it.
  public let file: String
  /// The tensor concerned, if it is one tensor's fault.
  public let tensor: String?
  /// What is wrong, for programs.
  public let cause: Cause

  /// An error about this file, or one of its tensors.
  public init(file: String, tensor: String? = nil, cause: Cause) {
    self.file = file
    self.tensor = tensor
    self.cause = cause
  }
}
