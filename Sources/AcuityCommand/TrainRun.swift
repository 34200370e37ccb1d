import ArgumentParser
import Dispatch
import Folders
import Foundation
import SuperResolution
import Synchronization
import Training

/// The loop around a trainer: steps, progress lines, measurements, checkpoints, the model at the end.
struct TrainingRun {
  let trainer: Trainer
  let store: CheckpointFolder
  let folder: Folder
  let out: String
  var checkpointEvery = 120.0
  var measureEvery = 250

  func describe(_ set: TrainingSet, threads: Int) {
    let recipe = trainer.recipe
    let engine = GradientEngine.bytes(
      shape: recipe.shape, side: recipe.patch, batch: recipe.batch, threads: threads)
    say(
      """
      network   \(recipe.depth) layers of \(recipe.width) channels, \(recipe.shape.parameterCount) values
      recipe    \(recipe.summary)
      pictures  \(trainer.training.pictures.count) to learn from, \(trainer.validation.count) to measure on \
      (\(set.tooSmall) too small, \(set.beyondMemory) beyond --max-memory, \(set.refused.count) unreadable)
      memory    \(set.bytes >> 20) MB of pictures, \(engine >> 20) MB for \(threads) threads
      """)
    let names = zip(trainer.history.variants, trainer.history.baseline)
    say("bicubic   " + names.map { "\($0) \(Self.decibels($1))" }.joined(separator: "  "))
  }

  func go() throws {
    let interruption = Interruption()
    var lastCheckpoint = ContinuousClock.now
    var lastLine = ContinuousClock.now
    var lastPatches = trainer.patches
    var warned = false
    if trainer.history.rows.isEmpty { report(trainer.measure()) }
    while !trainer.isFinished && !interruption.isRequested {
      try trainer.advance()
      let now = ContinuousClock.now
      if now - lastLine > .seconds(20) {
        let speed = Double(trainer.patches - lastPatches) / Self.seconds(now - lastLine)
        say(progressLine(speed))
        (lastLine, lastPatches) = (now, trainer.patches)
      }
      if trainer.step % measureEvery == 0 {
        report(trainer.measure())
        try writeHistory()
        if trainer.isStuck, !warned {
          warned = true
          say("warning: no better than interpolation so far; try a lower --rate or --initialization identity")
        }
      }
      if now - lastCheckpoint > .seconds(checkpointEvery) {
        try store.save(trainer.checkpoint())
        lastCheckpoint = .now
      }
    }
    report(trainer.measure())
    try writeHistory()
    try store.save(trainer.checkpoint())
    try writeModel()
    if interruption.isRequested {
      say("interrupted; --resume goes on from step \(trainer.step)")
      throw ExitCode(130)
    }
  }

  private func writeHistory() throws {
    try folder.write(Array(trainer.history.csv.utf8), to: Array("history.csv".utf8), replacing: true)
    let page = trainer.history.page(title: "Training of \(out)")
    try folder.write(Array(page.utf8), to: Array("history.html".utf8), replacing: true)
  }

  private func writeModel() throws {
    let model = try Parameters(shape: trainer.parameters.shape, values: trainer.best).model(
      name: out, metadata: [Model.Key.recipe: trainer.recipe.summary + ", \(trainer.step) steps"])
    let url = URL(filePath: out)
    let parent = try Folder(Array(url.deletingLastPathComponent().path.utf8), create: true)
    try parent.write(model.serialized(), to: Array(url.lastPathComponent.utf8), replacing: true)
    say("wrote \(out): \(Self.decibels(trainer.bestPSNR)) dB on the held-out pictures")
  }

  private func report(_ row: History.Row) {
    let names = zip(trainer.history.variants, zip(row.psnr, trainer.history.baseline))
    say(
      "step \(row.step) epoch \(Self.short(row.epoch)) measured: "
        + names.map { "\($0) \(Self.decibels($1.0)) (+\(Self.decibels($1.0 - $1.1)))" }.joined(
          separator: "  "))
  }

  private func progressLine(_ speed: Double) -> String {
    let spent = trainer.seconds
    let rest = trainer.progress > 0 ? spent / trainer.progress - spent : 0
    return
      "step \(trainer.step) \(Self.short(100 * trainer.progress)) %  loss \(Self.short(trainer.loss, 4))  "
      + "rate \(Self.short(Double(trainer.rate), 3))  gradient \(Self.short(trainer.gradientNorm, 3))  "
      + "\(Self.short(speed)) patches/s  \(Int(rest / 60)) min left"
  }

  private static func decibels(_ value: Double) -> String { String(format: "%.3f", value) }
  private static func short(_ value: Double, _ digits: Int = 3) -> String {
    String(format: "%.\(digits)g", value)
  }
  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

  private func say(_ text: String) {
    print(text)
    fflush(nil)
  }
}

/// Ctrl-C and the like ask for an orderly end.
private final class Interruption {
  private let flag: Flag
  private let sources: [any DispatchSourceSignal]

  private final class Flag: Sendable { let isSet = Atomic(false) }

  init() {
    let flag = Flag()
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { flag.isSet.store(true, ordering: .relaxed) }
      source.resume()
      return source
    }
    self.flag = flag
  }

  var isRequested: Bool { flag.isSet.load(ordering: .relaxed) }
}

extension TrainingError: ExitStatusProviding {
  var exitStatus: ExitStatus {
    switch self {
    case .invalid, .notTrainable, .cannotGrow: .usage
    case .noPictures, .checkpoint: .unreadable
    case .notFinite: .someInputsFailed
    }
  }
}
