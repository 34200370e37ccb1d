import Batch
import Folders
import Foundation
import Ledger
import Synchronization

/// Takes a job from its inputs to the exit code, and says on the way what happens: what `acuity upscale` and
/// `acuity run` have in common.
struct BatchSession {
  let job: Job
  let selection: InputSelection
  let options: BatchRunOptions
  let coder: any PictureCoder

  /// - Throws: `ExitStatus` when it has been said already what is to say; other errors when not.
  func run() async throws {
    Interrupts.install()
    returnMemoryPromptly()
    let shard = try options.part
    var selection = selection
    if let report = options.report { selection.outputRoots.append(report.bytes) }
    try job.checkFolders()
    // Before anything is made, for a batch that is refused leaves nothing behind.
    let plan = try await BatchPlan(selection, job: job, shard: shard, isCancelled: { Interrupts.areRaised })
    try Interrupts.check()
    if options.dryRun { return try await runDry(plan) }

    // Nor does one without anything to do, such as one whose only input is mistyped: nothing is opened but what is there.
    let isIdle = plan.files.isEmpty
    let ledger = isIdle ? nil : try options.ledger.map { try LedgerFile($0.bytes) }
    // All of it into the one file that the user knows of, whoever still refers to it as the process ends.
    defer { ledger?.ledger.close() }
    let resources = Resources(threads: job.threads, memory: job.maxMemory, files: plan.entries.count)
    var processor = try FileProcessor(
      job, coder: coder, ledger: ledger?.ledger, resources: resources, isDry: isIdle)
    processor.tellsDigests = options.report != nil || options.eventsDescriptor != nil
    for note in plan.notes { Console.report(.info, note) }
    // Not after hours of computing.
    if let report = options.report { _ = try makeFolder(report.bytes) }
    // For as long as the run lasts.
    let claim = isIdle ? nil : try OutputClaim(processor.roots.map { try $0.folder() }, plan: plan)
    defer { withExtendedLifetime((claim, ledger)) {} }

    let progress = BatchProgress()
    let events = try options.eventsDescriptor.map {
      try EventWriter(descriptor: $0, job: job, meter: progress)
    }
    let display = SessionDisplay(plan: plan, job: job, roots: processor.roots, progress: progress)
    var runner = BatchRunner(processor) { event in
      progress.note(event)
      events?.note(event)
      display.note(event)
    }
    runner.failsFast = options.failFast
    let started = Date.now
    var summary = await runner.run(plan, stop: StopSignal { Interrupts.areRaised })
    if events?.failure != nil { summary.accountCode = ExitStatus.inputOutput.rawValue }
    var unwritten: FileError?
    if let folder = options.report {
      do throws(FileError) {
        try await report(summary, started: started, to: folder)
      } catch {
        unwritten = error
        summary.accountCode = ExitStatus(error).rawValue
      }
    }
    // Only now is it known with which code.
    events?.end(summary)
    display.finish(summary)
    for failure in [unwritten, events?.failure].compactMap(\.self) { Console.report(.error, "\(failure)") }
    if plan.isWithoutPictures { throw CommandFailure(.unreadable, "there are no pictures to work on") }
    guard summary.exitCode == 0 else { throw ExitStatus(code: summary.exitCode) }
    // Nobody was told but the user if the last line is what was lost.
    if events?.failure != nil { throw ExitStatus.inputOutput }
  }

  /// The same as far as nothing is made.
  private func runDry(_ plan: BatchPlan) async throws {
    let ledger = try options.ledger.flatMap { try LedgerFile.reading($0.bytes) }
    let resources = Resources(threads: job.threads, memory: job.maxMemory)
    let processor = try FileProcessor(job, coder: coder, ledger: ledger, resources: resources, isDry: true)
    var runner = BatchRunner(processor)
    runner.failsFast = options.failFast
    let summary = await runner.run(plan, stop: StopSignal { Interrupts.areRaised })
    try Interrupts.check()
    try await DryRun(plan, summary, job: job, roots: processor.roots).show()
  }

  private func report(_ summary: BatchSummary, started: Date, to folder: Path) async throws(FileError) {
    let title = (["acuity"] + Arguments.encoded.map { escaped(Arguments.decode($0)) }).joined(separator: " ")
    // After an interruption the user doesn't wait for pictures.
    let count = Interrupts.areRaised ? 0 : 6
    let samples = await ReportSample.take(count, from: summary, job: job, coder: coder)
    try BatchReport(summary, job: job, title: title, started: started).write(
      to: folder.bytes, samples: samples)
  }
}
