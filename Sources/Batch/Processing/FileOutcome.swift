package import Acuity
package import Folders
package import Ledger

/// What has become of one input.
package struct FileOutcome: Sendable {
  package enum Result: Sendable, Equatable {
    /// Every output is complete under its name.
    case done
    /// Nothing was to be done, and why.
    case skipped(String)
    case failed(Failure)
    /// Begun or not, it was given back untouched: the run was stopped.
    case released(String)
  }

  package let input: BatchInput
  package var result: Result
  /// As the header states it; nil when there was none to read.
  package var size: Size?
  /// Bytes of the input file.
  package var byteCount: Int
  /// Those that were to be made; of a file that had to be read, to say so.
  package var orders: [OutputOrder]
  /// Those that were made, also when a later one failed.
  package var outputs: [Output]
  package var times: Times
  /// What is wrong with an input that was taken as far as it decodes.
  package var damage: String?
  /// Why an output that was kept may not be good.
  package var doubt: String?

  /// One finished output.
  package struct Output: Sendable, Equatable {
    /// Which of the job's outputs.
    package let index: Int
    /// Below that output's root.
    package let path: RelativePath
    package let size: Size
    package let format: ImageFormat
    package let byteCount: Int
    /// Of the bytes; nil if nobody asked for it, see `FileProcessor.tellsDigests`.
    package let digest: SHA256.Digest?
    /// The same content had been computed before under another name, and its output was copied.
    package let isCopy: Bool
  }

  /// Seconds spent; waiting for one's turn is in none of them.
  package struct Times: Sendable, Equatable {
    package var reading = 0.0
    package var decoding = 0.0
    package var computing = 0.0
    package var encoding = 0.0
    package var writing = 0.0

    package init() {}
  }

  package init(
    input: BatchInput, result: Result, size: Size? = nil, byteCount: Int = 0, orders: [OutputOrder] = [],
    outputs: [Output] = [], times: Times = Times(), damage: String? = nil, doubt: String? = nil
  ) {
    self.input = input
    self.result = result
    self.size = size
    self.byteCount = byteCount
    self.orders = orders
    self.outputs = outputs
    self.times = times
    self.damage = damage
    self.doubt = doubt
  }
}

extension FileOutcome {
  /// Pixels of the outputs that were made.
  package var outputPixels: Int { outputs.reduce(0) { $0 + $1.size.width * $1.size.height } }

  package var failure: Failure? {
    if case .failed(let failure) = result { failure } else { nil }
  }
}
