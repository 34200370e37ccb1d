/// Does all of it, the one though the other fails: what hours went into is not lost for what lies beside it.
///
/// - Throws: the last failure; those before it are reported.
func attemptEach(_ steps: (() throws -> Void)...) throws {
  var failure: (any Error)?
  for step in steps {
    do {
      try step()
    } catch {
      if let failure { Console.report(.error, "\(failure)") }
      failure = error
    }
  }
  if let failure { throw failure }
}
