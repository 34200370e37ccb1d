import Batch
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
  ///   - total: All work, in any unit that time is proportional to; unless it is shown by a meter from elsewhere.
  init(_ label: String, total: Double = 1) {
    self.label = label
    let now = Self.now()
    state = Mutex(State(meter: ProgressMeter(total: total, at: now), lastShown: now))
    isShown = !Console.isQuiet
  }

  /// Whether enough time has passed for something to be shown: what that would be need not be put together before.
  var isDue: Bool {
    isShown && state.withLock { Self.now() - $0.lastShown >= shortestPause }
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
      show(&state, state.meter.remaining(at: now), rate: state.meter.rate(at: now), at: now)
    }
  }

  /// Shows what another meter says at `time` of its own clock.
  func show(_ meter: ProgressMeter, at time: Double, detail: String) {
    guard isShown else { return }
    state.withLock { state in
      state.meter = meter
      state.detail = detail
      show(&state, meter.remaining(at: time), rate: meter.rate(at: time), at: Self.now())
    }
  }

  /// Takes the line off the terminal.
  func finish() {
    if isShown && Console.isTerminal { Console.show(line: "") }
  }

  private func show(_ state: inout State, _ remaining: Double?, rate: Double?, at now: Double) {
    let tenth = Int(state.meter.fraction * 10)
    let pause = isLine || tenth > state.lastTenth ? shortestPause : 60
    let isDue = now - state.lastShown >= pause
    guard isDue, !(state.meter.fraction == 0 && !isLine) else { return }
    state.lastShown = now
    state.lastTenth = tenth
    let percent = Int(state.meter.fraction * 100)
    if isLine {
      Console.show(line: line(percent, remaining, state))
    } else {
      var fields: [String: any Encodable & Sendable] = [
        "event": "progress", "fraction": state.meter.fraction,
      ]
      if let remaining { fields["eta_seconds"] = remaining }
      if let rate { fields["rate"] = rate }
      Console.report(.info, text(percent, remaining, state), fields)
    }
  }

  private var isLine: Bool { Console.isTerminal && Console.format == .text }

  /// A terminal is refreshed ten times a second; a log gets a line each tenth, none of a job of a second, and one each
  /// minute of a long job.
  private var shortestPause: Double { isLine ? 0.1 : 1 }

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
