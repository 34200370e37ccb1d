/// What decides an output: equal fingerprints mean equal bytes, so the work need not be done twice.
package struct Fingerprint: Sendable, Hashable {
  /// SHA-256 of the input file's bytes.
  package var content: SHA256.Digest
  /// SHA-256 of the model's weights.
  package var model: SHA256.Digest
  /// SHA-256 of every option that changes the output's pixels or file format, written in one fixed order.
  package var options: SHA256.Digest

  package init(content: SHA256.Digest, model: SHA256.Digest, options: SHA256.Digest) {
    self.content = content
    self.model = model
    self.options = options
  }
}
