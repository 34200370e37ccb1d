import Evaluation
import Foundation
import ImageFiles
import Pixels
import SuperResolution
import TestSupport
import Testing

/// The published figures of Set5 with the authors' weights.
@Suite(
  .enabled(
    if: SharedData.exists("Set5") && SharedData.exists("weights/vdsr-official.safetensors"),
    "needs the shared data's Set5 and the official weights"))
struct Set5Tests {
  private static let pictures = SharedData.files("Set5", extension: "bmp")

  struct Published: Sendable, CustomTestStringConvertible {
    let `protocol`: EvaluationProtocol
    let scale: Int
    let bicubic: Double
    let model: Double
    var similarity: (bicubic: Double, model: Double)?
    /// Of baby, bird, butterfly, head and woman.
    var pictures: [Double] = []
    var testDescription: String { "\(`protocol`.rawValue) x\(scale)" }
  }

  static let published = [
    Published(
      protocol: .paper, scale: 2, bicubic: 33.661, model: 37.527, similarity: (0.9299, 0.9587),
      pictures: [38.752, 42.410, 34.490, 35.933, 36.049]),
    Published(
      protocol: .paper, scale: 3, bicubic: 30.392, model: 33.658, similarity: (0.8682, 0.9213),
      pictures: [35.377, 36.649, 29.955, 33.959, 32.351]),
    Published(
      protocol: .paper, scale: 4, bicubic: 28.421, model: 31.343, similarity: (0.8104, 0.8838),
      pictures: [33.409, 33.524, 27.277, 32.703, 29.803]),
    Published(protocol: .seed, scale: 2, bicubic: 33.677, model: 37.564),
    Published(protocol: .seed, scale: 3, bicubic: 30.399, model: 33.671),
    Published(protocol: .seed, scale: 4, bicubic: 28.426, model: 31.351),
  ]

  /// All pictures take minutes; by default the network runs on the smallest three at the middle scale.
  @Test("PSNR to 0.005 dB and SSIM to 0.0001, every picture and the mean", arguments: published)
  func figures(_ published: Published) throws {
    let path = try #require(SharedData.path("weights/vdsr-official.safetensors"))
    let network = try Network(Model(contentsOf: path))
    var results = EvaluationResults(protocol: published.protocol, model: "official")
    for (index, picture) in Self.pictures.enumerated() {
      let isEnhanced =
        SharedData.runsFullTests || published.protocol == .paper && published.scale == 3 && index > 1
      let comparison = try Comparison(
        ImageFile.read(picture), scale: published.scale, protocol: published.protocol
      ) { isEnhanced ? try network.enhance($0) : $0 }
      let row = EvaluationResults.Row(
        set: "Set5", scale: published.scale, image: picture,
        bicubic: comparison.score(of: comparison.bicubic), model: comparison.score(of: comparison.result))
      results.add(row)
      if isEnhanced, !published.pictures.isEmpty {
        #expect(abs(row.model.psnr - published.pictures[index]) <= 0.005, "\(picture): \(row.model.psnr)")
      }
    }
    let mean = EvaluationResults.mean(of: results.rows)
    #expect(abs(mean.bicubic.psnr - published.bicubic) <= 0.005, "\(mean.bicubic.psnr)")
    if let similarity = published.similarity {
      #expect(abs((mean.bicubic.ssim ?? 0) - similarity.bicubic) <= 0.0001, "\(mean.bicubic)")
    }
    guard SharedData.runsFullTests else { return }
    #expect(abs(mean.model.psnr - published.model) <= 0.005, "\(mean.model.psnr)")
    if let similarity = published.similarity {
      #expect(abs((mean.model.ssim ?? 0) - similarity.model) <= 0.0001, "\(mean.model)")
    }
  }
}
