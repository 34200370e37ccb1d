import Acuity
import Dispatch
import Folders
import Foundation
import SuperResolution
import Training

/// The loop around a trainer: steps, progress lines, measurements, checkpoints, the model at the end.
struct TrainingRun {
  let trainer: Trainer
  let place: WorkFolder
  let output: ModelOutput
  let checkpointEvery: Double
  let measureEvery: Int

  func describe(_ set: TrainingSet, _ need: MemoryNeed, threads: Int) {
    let recipe = trainer.recipe
    say(
      "network: \(recipe.depth) layers of \(recipe.width) channels, \(recipe.shape.parameterCount) values")
    say("recipe: \(recipe.summary)")
    say(
      "pictures: \(trainer.training.pictures.count) to learn from, \(trainer.validation.pictures) to measure on"
        + "; left out: \(set.tooSmall) too small, \(set.beyondMemory) beyond --max-memory, "
        + "\(set.refused.count) unreadable"
        + (set.divisor > 1 ? "; sides cut to multiples of \(set.divisor), as the scales need" : ""))
    say(
      "memory: \(ByteCount(need.pictures)) of pictures, \(ByteCount(need.computing)) for \(Text.threads(threads))",
      ["event": "memory", "pictures": need.pictures, "computing": need.computing])
    if trainer.measuresOnTraining {
      Console.report(
        recipe.holdOut == 0 ? .info : .warning,
        (recipe.holdOut == 0 ? "no pictures are held out" : "too few pictures to hold any out")
          + ": it is measured on those that it learns from, which flatters it, and the model is that of the last step"
      )
    }
    say("bicubic: " + list(trainer.history.baseline.map { Text.fixed($0, 3) }) + " dB")
  }

  func go() throws {
    Interrupts.install()
    let (checkpoint, isFinished): (Checkpoint, Bool)
    do throws(TrainingError) {
      (checkpoint, isFinished) = try train()
    } catch {
      // The values of the last step are on the way there already.
      trainer.rewind()
      do { try conclude(trainer.best, trainer.checkpoint()) } catch { Console.report(.error, "\(error)") }
      throw error
    }
    try conclude(trainer.result, checkpoint)
    if isFinished { return }
    Console.report(.error, "interrupted; --resume goes on from step \(trainer.step)")
    throw ExitStatus.interrupted
  }

  /// To the end or an interruption.
  /// - Returns: where to go on, and whether it is the end.
  private func train() throws(TrainingError) -> (Checkpoint, isFinished: Bool) {
    var (lastCheckpoint, lastLine) = (ContinuousClock.now, ContinuousClock.now)
    var lastPatches = trainer.patches
    var isWarned = false
    if trainer.history.rows.isEmpty { try measure() }
    while !trainer.isFinished && !Interrupts.areRaised {
      try trainer.advance()
      let now = ContinuousClock.now
      if now - lastLine > .seconds(20) {
        showProgress(speed: Double(trainer.patches - lastPatches) / ((now - lastLine) / .seconds(1)))
        (lastLine, lastPatches) = (now, trainer.patches)
      }
      if trainer.step % measureEvery == 0 {
        try measure()
        warnIfStuck(&isWarned)
      }
      if now - lastCheckpoint > .seconds(checkpointEvery) {
        orWarn("the next checkpoint tries again") { try place.store.save(trainer.checkpoint()) }
        lastCheckpoint = .now
      }
    }
    let isFinished = trainer.isFinished
    // What is measured at an interruption is not part of the run that goes on later, which is to be as if it had never stopped.
    let interrupted = isFinished ? nil : trainer.checkpoint()
    if trainer.history.rows.last?.step != trainer.step { try measure() }
    if isFinished { warnIfStuck(&isWarned) }
    return (interrupted ?? trainer.checkpoint(), isFinished)
  }

  /// Writes the model, which is what the hours went into, and then where to go on.
  private func conclude(_ result: Trainer.Milestone, _ checkpoint: Checkpoint) throws {
    try attemptEach({ try writeModel(result) }, { try place.store.save(checkpoint) })
  }

  /// What the run can do without for now, as on a full disk that someone may clear.
  private func orWarn(_ remedy: String, _ write: () throws -> Void) {
    do { try write() } catch { Console.report(.warning, "\(error); the training goes on, \(remedy)") }
  }

  private func measure() throws(TrainingError) {
    let row = try trainer.measure()
    let gains = zip(row.psnr, trainer.history.baseline).map { psnr, bicubic in
      "\(Text.fixed(psnr, 3)) (\(psnr < bicubic ? "" : "+")\(Text.fixed(psnr - bicubic, 3)))"
    }
    say(
      "step \(row.step), epoch \(Text.fixed(row.epoch, 2)): PSNR " + list(gains) + " dB",
      [
        "event": "measured", "step": row.step, "epoch": row.epoch,
        "psnr": Dictionary(
          zip(trainer.history.variants, row.psnr.map { JSON.Finite($0) }), uniquingKeysWith: { $1 }),
      ])
    orWarn("the next measurement tries again") {
      try write(trainer.history.csv, to: WorkFolder.historyNames.table)
      try write(
        trainer.history.page(title: "Training of \(output.modelName)"), to: WorkFolder.historyNames.page)
    }
  }

  /// Says it once.
  private func warnIfStuck(_ isWarned: inout Bool) {
    guard trainer.isStuck, !isWarned else { return }
    isWarned = true
    let recipe = trainer.recipe
    let canBeginNearer = recipe.initial == nil && recipe.initialization == .he
    Console.report(
      .warning,
      "stuck: no better than bicubic interpolation; "
        + (trainer.hasHardlyMoved
          ? "the network has hardly changed: try a higher --rate"
          : "try a lower --rate, or a higher one if the PSNR still rises")
        + (canBeginNearer ? ", or begin anew with --initialization identity" : ""))
  }

  private func write(_ text: String, to name: String) throws {
    try place.folder.write(Array(text.utf8), to: Array(name.utf8), replacing: true)
  }

  private func writeModel(_ result: Trainer.Milestone) throws {
    let model = try Parameters(shape: trainer.parameters.shape, values: result.values).model(
      name: output.modelName,
      metadata: [Model.Key.recipe: trainer.recipe.summary + ", after \(result.step) steps"])
    try output.write(model)
    let place = trainer.measuresOnTraining ? "pictures that it has learned from" : "held-out pictures"
    say(
      "wrote \(output.path): step \(result.step), "
        + (result.psnr.map { "\(Text.fixed($0, 3)) dB on the \(place)" } ?? "not measured")
        + "; \(ByteCount(Machine.peakMemory)) of memory at most",
      ["event": "done", "step": result.step, "peak_memory": Machine.peakMemory])
  }

  private func showProgress(speed: Double) {
    let left = trainer.progress > 0 ? trainer.seconds / trainer.progress - trainer.seconds : 0
    say(
      "step \(trainer.step), \(Text.fixed(100 * trainer.progress, 1)) %: "
        + "loss \(short(trainer.loss)), rate \(short(Double(trainer.rate))), "
        + "gradient norm \(short(trainer.gradientNorm)), \(Text.fixed(speed, 1)) patches/s, "
        + "\(clock(left)) left",
      [
        "event": "progress", "step": trainer.step, "fraction": trainer.progress, "loss": trainer.loss,
        "rate": Double(trainer.rate), "gradient_norm": trainer.gradientNorm, "patches_per_second": speed,
        "eta_seconds": left,
      ])
  }

  /// Four digits, whatever the magnitude.
  private func short(_ value: Double) -> String { String(format: "%.4g", value) }

  /// `x2 37.100, x3 33.200`.
  private func list(_ values: [String]) -> String {
    zip(trainer.history.variants, values).map { "\($0) \($1)" }.joined(separator: ", ")
  }

  private func say(_ text: String, _ fields: [String: any Encodable & Sendable] = [:]) {
    Console.report(.info, text, fields)
  }
}
