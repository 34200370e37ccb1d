/// The pictures to learn from, and those to measure on.
package struct TrainingSplit: Sendable {
  package let training: TrainingSet
  package let measured: TrainingSet
  /// Whether no picture is held out, because none is to be or there are too few: then it is measured on those that it learns from.
  package let measuresOnTraining: Bool

  /// Holds every n-th file's picture out, with its reduced forms, which are in neither; none if `n` is 0.
  package init(_ set: TrainingSet, holdingOutEvery n: Int) {
    func isHeldOut(_ picture: TrainingSet.Picture) -> Bool { n > 0 && picture.source % n == n / 2 }
    let training = set.pictures.filter { !isHeldOut($0) }
    let heldOut = set.pictures.filter { isHeldOut($0) && !$0.isReduced }
    measuresOnTraining = training.isEmpty || heldOut.isEmpty
    self.training =
      measuresOnTraining ? set : TrainingSet(pictures: training, variants: set.variants, draws: set.draws)
    measured = measuresOnTraining ? set : TrainingSet(pictures: heldOut, variants: set.variants)
  }
}
