/// The scores of pictures of any number of sets at any number of scales.
package struct EvaluationResults: Sendable {
  /// One picture at one scale.
  package struct Row: Sendable, Equatable {
    package let set: String
    package let scale: Int
    /// Nil for the mean over the set's pictures.
    package let image: String?
    package let bicubic: Score
    package let model: Score

    package init(set: String, scale: Int, image: String?, bicubic: Score, model: Score) {
      self.set = set
      self.scale = scale
      self.image = image
      self.bicubic = bicubic
      self.model = model
    }
  }

  package let `protocol`: EvaluationProtocol
  package let model: String
  /// Pictures in the order that they were added.
  package private(set) var rows: [Row] = []
  /// What is in no mean, and why.
  package private(set) var leftOut: [String] = []

  package init(protocol: EvaluationProtocol, model: String) {
    self.protocol = `protocol`
    self.model = model
  }

  package mutating func add(_ row: Row) {
    rows.append(row)
  }

  /// - Parameter reason: names the picture, and the scale if it is in the means of others.
  package mutating func leaveOut(_ reason: String) {
    leftOut.append(reason)
  }

  /// The rows of each set and scale, both in the order in which they first occur.
  package var groups: [[Row]] {
    var groups: [[Row]] = []
    for row in rows {
      let index = groups.firstIndex { $0[0].set == row.set && $0[0].scale == row.scale }
      if let index { groups[index].append(row) } else { groups.append([row]) }
    }
    return groups
  }

  /// The mean over pictures: of decibels, as published figures are, not of squared errors. Similarity is the mean over the
  /// pictures that have one.
  package static func mean(of group: [Row]) -> Row {
    func mean(_ scores: [Score]) -> Score {
      let similarities = scores.compactMap(\.ssim)
      return Score(
        psnr: scores.reduce(0) { $0 + $1.psnr } / Double(scores.count),
        ssim: similarities.isEmpty ? nil : similarities.reduce(0, +) / Double(similarities.count))
    }
    return Row(
      set: group[0].set, scale: group[0].scale, image: nil, bicubic: mean(group.map(\.bicubic)),
      model: mean(group.map(\.model)))
  }
}
