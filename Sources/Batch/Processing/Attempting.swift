import Acuity
import Ledger

/// Adds the seconds that `body` takes.
func timed<Result: Sendable>(
  _ seconds: inout Double, _ body: () async throws -> Result
) async throws -> Result {
  let start = ContinuousClock.now
  defer { seconds += (ContinuousClock.now - start) / .seconds(1) }
  return try await body()
}

/// A ledger's error as a file's failure.
func attempting<Result>(_ body: () throws(LedgerError) -> Result) throws(Failure) -> Result {
  do { return try body() } catch { throw Failure(error) }
}

/// A coder's error as a file's failure.
func coding<Result>(
  _ label: String, _ body: () async throws(CodingError) -> Result
) async throws(Failure) -> Result {
  do {
    return try await body()
  } catch {
    switch error {
    case .picture(let cause): throw Failure(cause, in: label)
    case .codecLost(let reason): throw Failure(.input, "\(label): \(reason)")
    case .noProcess(let reason): throw Failure(.system, "\(label): \(reason)")
    case .cancelled: throw .stopped
    }
  }
}
