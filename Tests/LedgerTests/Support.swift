import Ledger
import TestSupport

extension TemporaryFolder {
  var ledger: String { self("ledger.sqlite") }
}

func fingerprint(_ content: String, model: String = "model", options: String = "scale=2") -> Fingerprint {
  Fingerprint(content: .of(content), model: .of(model), options: .of(options))
}

extension SHA256.Digest {
  static func of(_ text: String) -> Self { SHA256.digest(text) }
}

let stamp = LedgerEntry.Stamp(size: 10, modified: 1_234_567_890_123_456_789)
