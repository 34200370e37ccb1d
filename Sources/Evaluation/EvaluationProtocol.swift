/// How a model is measured against ground truth: published figures differ by a tenth of a decibel over such choices.
///
/// All protocols crop the ground truth to a multiple of the scale, take BT.601 luma of 16...235 (a gray picture as it is),
/// reduce it in double precision by MATLAB's antialiased bicubic `imresize`, enlarge it again the same way, give that to the
/// network as `Float(value / 255)` (or as the model's own colour convention has it), and leave `scale` pixels at each border
/// out of the comparison.
package enum EvaluationProtocol: String, CaseIterable, Sendable {
  /// Kim et al. (CVPR 2016): the ground truth's luma rounded to 8 bits, and the result's luma too.
  case paper
  /// As `paper`, but the result is not rounded.
  case seed
  /// As BasicSR does it: the result is made a picture of 8 bits, chroma by bicubic; then its luma and that of the ground
  /// truth are compared without rounding.
  case basicsr
}
