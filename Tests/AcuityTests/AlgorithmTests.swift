import Acuity
import DemoPictures
import Testing

/// What Winograd's algorithms cost in exactness with the weights that ship.
@Suite struct AlgorithmTests {
  /// As 8-bit pixels fewer than one of a thousand differs from the direct kernel's and none by more than a level, and the
  /// PSNR is the same to 0.002 dB.
  @Test func picturesAreTheDirectKernels() throws {
    let truth = YCbCr(DemoPicture.render(Size(width: 192, height: 144))).luma.roundedTo8Bits()
    let small = truth.resized(to: Size(width: 96, height: 72), scale: 0.5).roundedTo8Bits()
    let input = small.resized(to: truth.size).plane()
    let model = try ModelCatalog.load()
    func enhanced(_ algorithm: Network.Algorithm) throws -> DoublePlane {
      DoublePlane(try Network(model, algorithm: algorithm).enhance(input)).roundedTo8Bits()
    }
    let direct = try enhanced(.direct)
    let quality = psnr(direct.inset(by: 2), truth.inset(by: 2))
    #expect(quality > psnr(DoublePlane(input).roundedTo8Bits().inset(by: 2), truth.inset(by: 2)) + 1)
    for algorithm in [Network.Algorithm.winograd4, .winograd6] {
      let fast = try enhanced(algorithm)
      let differences = zip(fast.samples, direct.samples).map { abs($0 - $1) }
      #expect(differences.allSatisfy { $0 <= 1 }, "\(algorithm)")
      #expect(differences.count { $0 > 0 } * 1000 < differences.count, "\(algorithm)")
      #expect(abs(psnr(fast.inset(by: 2), truth.inset(by: 2)) - quality) <= 0.002, "\(algorithm)")
    }
  }
}
