import Foundation
package import Pixels

/// All that a run needs to go on as if it had never stopped.
package struct Checkpoint: Sendable, Hashable {
  /// What is small enough to be readable.
  package struct State: Sendable, Hashable, Codable {
    package var recipe: Recipe
    package var step: Int
    package var patches: Int
    package var seconds: Double
    package var random: RandomSource
    package var gridSeed: RandomSource
    package var gridPosition: Int
    package var optimizerSteps: Int
    package var history: History
    /// Running sums since the history's last row.
    package var lossSum: Double
    package var normSum: Double
    package var sumCount: Int
    /// Of the validation's means over the variants, and when it was; nil where nothing was measured.
    package var bestPSNR: Double?
    package var bestStep: Int?
    /// Values of each array that follows.
    package var counts: [Int]
    /// Of the pictures: a run goes on only with the same ones. Nil in files of an older version, which has sums of the names and
    /// sizes alone; their values can be read.
    package var samples: UInt64?
  }

  package var state: State
  package var values: [Float]
  package var average: [Float]
  package var first: [Float]
  package var second: [Float]
  package var best: [Float]

  private static let magic = Array("acuity-checkpoint-1\n".utf8)

  /// ```
  /// magic | length of JSON, 8 bytes | JSON | arrays of floats | FNV-1a of all before, 8 bytes    (little-endian)
  /// ```
  package func serialized() throws -> [UInt8] {
    var state = state
    let arrays = [values, average, first, second, best]
    state.counts = arrays.map(\.count)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(state)
    var bytes = Self.magic
    bytes.reserveCapacity(bytes.count + json.count + 16 + arrays.reduce(0) { $0 + $1.count * 4 })
    withUnsafeBytes(of: UInt64(json.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: json)
    for array in arrays {
      bytes += array.littleEndianBytes
    }
    let sum = checksum(bytes[...])
    withUnsafeBytes(of: sum.littleEndian) { bytes.append(contentsOf: $0) }
    return bytes
  }

  package init(bytes: [UInt8], file: String) throws(TrainingError) {
    func refuse(_ reason: String) -> TrainingError { .checkpoint(file: file, reason) }
    let head = Self.magic.count + 8
    guard bytes.count >= head + 8, bytes.starts(with: Self.magic) else { throw refuse("is no checkpoint") }
    func word(_ at: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }
    guard word(bytes.count - 8) == checksum(bytes[..<(bytes.count - 8)]) else {
      throw refuse("is damaged: its checksum does not match")
    }
    guard let length = Int(exactly: word(Self.magic.count)), length >= 0, length <= bytes.count - head - 8,
      let state = try? JSONDecoder().decode(State.self, from: Data(bytes[head..<head + length]))
    else { throw refuse("was written by another version of the trainer") }
    var offset = head + length
    var arrays: [[Float]] = []
    for count in state.counts {
      guard count >= 0, count <= (bytes.count - 8 - offset) / 4 else { throw refuse("is incomplete") }
      arrays.append([Float](littleEndian: bytes[offset..<offset + 4 * count]))
      offset += count * 4
    }
    guard arrays.count == 5 else { throw refuse("is incomplete") }
    guard arrays.allSatisfy(\.areFinite) else { throw refuse("holds values that are no numbers") }
    if let fault = state.fault { throw refuse("makes no sense: \(fault)") }
    self.state = state
    (values, average, first, second, best) = (arrays[0], arrays[1], arrays[2], arrays[3], arrays[4])
  }

  package init(
    state: State, values: [Float], average: [Float], first: [Float], second: [Float], best: [Float]
  ) {
    self.state = state
    self.values = values
    self.average = average
    self.first = first
    self.second = second
    self.best = best
  }
}

extension Checkpoint.State {
  /// What no run can have written, whose checksum matches all the same: a run must not go on from it and end the process. Nil
  /// if there is nothing of the kind.
  fileprivate var fault: String? {
    do throws(TrainingError) { try recipe.validate() } catch { return "\(error)" }
    let counts =
      [step, patches, gridPosition, optimizerSteps, sumCount, bestStep ?? 0]
      + history.rows.flatMap { [$0.step, $0.patches] }
    // What can be counted up for as long as anybody likes.
    if !counts.allSatisfy((0...1 << 53).contains) { return "a count is negative or beyond all runs" }
    let numbers = [seconds, lossSum, normSum, bestPSNR ?? 0]
    if !numbers.allSatisfy(\.isFinite) || seconds < 0 { return "a sum is no number" }
    let variants = history.variants.count
    if history.baseline.count != variants || history.rows.contains(where: { $0.psnr.count != variants }) {
      return "the history has not one value for each of the \(variants) variants"
    }
    return nil
  }
}

/// FNV-1a, 64 bits: notices damage, not malice. What comes `after` another sum goes on from it.
func checksum(_ bytes: ArraySlice<UInt8>, after sum: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
  bytes.withUnsafeBufferPointer { bytes in
    var sum = sum
    for byte in bytes { sum = checksum(UInt64(byte), after: sum) }
    return sum
  }
}

/// Its step, for a byte or a word.
@inline(__always)
func checksum(_ word: UInt64, after sum: UInt64) -> UInt64 { (sum ^ word) &* 0x100_0000_01b3 }
