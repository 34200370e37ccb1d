public import Pixels

/// One step of a job: takes a picture, gives a picture.
///
/// A stage is made once for a set of options and then serves every picture of the job, from several threads at a
/// time; it keeps no state between pictures. The same picture and options give the same bytes for every thread
/// count. Samples stay 8 or 16 bits as they came; gray stays gray; metadata is kept unless the stage's purpose is
/// to change it.
public protocol Stage: Sendable {
  /// The size of the output for an input of this size, known without computing it.
  /// - Throws: `StageError` when the stage can't take a picture of this size.
  func outputSize(for input: Size) throws -> Size

  /// The channels of the output for an input with these channels.
  func outputLayout(for input: Image.Layout) -> Image.Layout

  /// What the output's file will say beside its pixels, for an input of this size, layout and metadata. The default is the
  /// input's, with the sizes in it made the output's where that is another.
  /// - Throws: as `outputSize(for:)`.
  func outputMetadata(for input: Metadata, size: Size, layout: Image.Layout) throws -> Metadata

  /// Bytes that the stage needs at its peak beside its input and its output; the default is none to speak of.
  func workingMemory(for input: Size, layout: Image.Layout) throws -> Int

  /// The content of the files that the stage has loaded and that decide, beside its options, what it makes of a picture:
  /// a model, a plug-in's library. Results are taken for equal only if this is.
  var loadedContent: [UInt8] { get }

  /// How much work an output pixel is compared with a simple filter, for progress and predictions; default 1.
  var relativeCost: Double { get }

  /// Makes the output of one picture.
  ///
  /// - Returns: a picture of `outputSize` and `outputLayout` with the input's sample depth.
  /// - Throws: `StageError`, or `CancellationError` soon after the context or the task was cancelled.
  func process(_ image: Image, context: StageContext) async throws -> Image
}

extension Stage {
  /// The input's.
  public func outputSize(for input: Size) throws -> Size { input }
  /// The input's.
  public func outputLayout(for input: Image.Layout) -> Image.Layout { input }
  /// The input's, with its sizes made right.
  public func outputMetadata(for input: Metadata, size: Size, layout: Image.Layout) throws -> Metadata {
    let output = try outputSize(for: size)
    return output == size ? input : input.updated(for: output)
  }
  /// None.
  public func workingMemory(for input: Size, layout: Image.Layout) throws -> Int { 0 }
  /// None.
  public var loadedContent: [UInt8] { [] }
  /// That of a simple filter.
  public var relativeCost: Double { 1 }
}

/// A stage of which the program knows, when it is compiled, what it is called and takes; a plug-in's is known later.
///
/// To add one, write a type in a file of its own and one line in `StageRegistry.builtIn`.
public protocol DeclaredStage: Stage {
  /// What the user types: 1...64 of `a-z`, `0-9` and `-`, beginning with a letter.
  static var name: String { get }

  /// One line for people.
  static var summary: String { get }

  /// The options that the stage knows; any other is refused before the stage is made.
  static var options: [StageOption] { get }

  /// Makes the stage with values for `Self.options` that are already checked against their kinds and ranges.
  /// - Throws: `StageError` when options contradict one another or name a file that can't be used.
  init(options: StageOptions, environment: StageEnvironment) throws
}
