/// How near a plane is to the truth.
package struct Score: Sendable, Equatable {
  /// Decibels; infinite where the planes are equal.
  package let psnr: Double
  /// At most 1; nil where a side is shorter than the window of 11 pixels.
  package let ssim: Double?

  package init(psnr: Double, ssim: Double?) {
    self.psnr = psnr
    self.ssim = ssim
  }
}
