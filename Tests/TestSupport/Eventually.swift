/// Waits until `condition` holds; false if it does not within a time that is far beyond any expectation.
///
/// By the number of times that it has asked, for on a busy machine a pause may take minutes.
public func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  for _ in 0..<30_000 {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
