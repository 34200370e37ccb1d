import Foundation
import Synchronization

/// Shows how far a job is: one line that keeps up on a terminal, else a plain line (or JSON object) now and then.
/// Callable from any thread; cheap enough for every tile.
final class ProgressDisplay: Sendable {
  private struct State {
    var meter: ProgressMeter
    var detail = ""
    var lastShown: Double
    var lastTenth = 0
  }

  private let label: String
  private let state: Mutex<State>
  private let isShown: Bool

  /// - Parameters:
  ///   - label: What is being done: `upscaling`.
  ///   - total: All work, in any unit that time is proportional to.
  init(_ label: String, total: Double) {
    self.label = label
    let now = Self.now()
    state = Mutex(State(meter: ProgressMeter(total: total, at: now), lastShown: now))
    isShown = !Console.isQuiet
  }

  /// - Parameters:
  ///   - done: All work done so far.
  ///   - detail: What to add: `12 of 30 files, photo.jpg`. Kept if nil.
  func update(done: Double, detail: String? = nil) {
    guard isShown else { return }
    let now = Self.now()
    state.withLock { state in
      state.meter.update(done: done)
      if let detail { state.detail = detail }
      show(&state, at: now)
    }
  }

  /// Counts work that need not be done, which says nothing about the speed.
  func skip(_ work: Double) {
    state.withLock { $0.meter.skip(work) }
  }

  /// Takes the line off the terminal.
  func finish() {
    if isShown && Console.isTerminal { Console.show(line: "") }
  }

  private func show(_ state: inout State, at now: Double) {
    let isLine = Console.isTerminal && Console.format == .text
    let tenth = Int(state.meter.fraction * 10)
    // A terminal is refreshed ten times a second; a log gets a line each tenth, none of a job of a second, and
    // one each minute of a long job.
    let pause = isLine ? 0.1 : tenth > state.lastTenth ? 1 : 60
    let isDue = now - state.lastShown >= pause
    guard isDue, !(state.meter.fraction == 0 && !isLine) else { return }
    state.lastShown = now
    state.lastTenth = tenth
    let remaining = state.meter.remaining(at: now)
    let percent = Int(state.meter.fraction * 100)
    if isLine {
      Console.show(line: line(percent, remaining, state))
    } else {
      var fields: [String: any Encodable & Sendable] = [
        "event": "progress", "fraction": state.meter.fraction,
      ]
      if let remaining { fields["eta_seconds"] = remaining }
      if let rate = state.meter.rate(at: now) { fields["rate"] = rate }
      Console.report(.info, text(percent, remaining, state), fields)
    }
  }

  private func text(_ percent: Int, _ remaining: Double?, _ state: State) -> String {
    "\(label) \(percent) %" + (remaining.map { ", \(clock($0)) left" } ?? "")
      + (state.detail.isEmpty ? "" : ", \(state.detail)")
  }

  /// `upscaling [#######             ]  35 %, 0:42 left, photo.jpg`, cut to the terminal's width.
  private func line(_ percent: Int, _ remaining: Double?, _ state: State) -> String {
    let bar = String(repeating: "#", count: percent / 5) + String(repeating: " ", count: 20 - percent / 5)
    let text =
      "\(label) [\(bar)] \(percent) %" + (remaining.map { ", \(clock($0)) left" } ?? "")
      + (state.detail.isEmpty ? "" : ", \(state.detail)")
    return String(text.prefix(max(20, Console.width - 1)))
  }

  private static func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1e9
  }
}
