import Acuity
package import Folders
package import Ledger
import Stages

/// Takes one input all the way: read, decoded, computed, encoded, checked, published. The one core under batches,
/// job files and watched folders.
///
/// Never throws and never leaves a partial output: whatever happens is the outcome. A value that many tasks use at
/// a time.
package struct FileProcessor: Sendable {
  package let job: Job
  package private(set) var coder: any PictureCoder
  /// With or without one, the way is the same; without, nothing is remembered.
  package let ledger: Ledger?
  package let resources: Resources
  /// The folder of each output.
  package let roots: [OutputFolder]
  /// Nothing is changed on disk, nor in the ledger: files get as far as to be known whether they are to be made, skipped or
  /// refused.
  package let isDry: Bool
  /// The ledger is about these outputs alone, so that an input's path is all of its key. See `LedgerKey`.
  package var hasLedgerOfItsOwn = false
  /// Whether an input of the recorded size and time is taken for the recorded one unread: not where inputs may be
  /// removed once they are done, for two pictures can well agree in both.
  package var trustsStamps = true
  /// Whether outcomes have their outputs' digests without a ledger too: 3 ns a byte, which a single picture waits for.
  package var tellsDigests = true
  /// Where the batch's outputs go by their own names, as `Job.place` has it. With `rename`, none of them becomes the further
  /// name of another output: which picture gets it would be a matter of which is done first.
  var places: Set<[UInt8]> = []
  let equalWork = EqualWork()
  let taking = Taking()

  /// Opens the output folders, making them if need be, unless it is a dry run.
  package init(
    _ job: Job, coder: any PictureCoder, ledger: Ledger? = nil, resources: Resources, roots: [Folder]? = nil,
    isDry: Bool = false
  ) throws(Failure) {
    precondition(!job.outputs.isEmpty)
    self.job = job
    self.coder = coder
    self.ledger = ledger
    self.resources = resources
    self.isDry = isDry
    if let roots {
      precondition(roots.count == job.outputs.count)
      self.roots = zip(roots, job.outputs).map { OutputFolder($0, named: $1.root) }
    } else {
      var opened: [OutputFolder] = []
      for output in job.outputs {
        do {
          opened.append(try OutputFolder(output.root, create: !isDry))
        } catch {
          throw Failure(writing: error)
        }
      }
      self.roots = opened
    }
  }

  /// How a file's work is followed and stopped.
  package struct Watch: Sendable {
    /// The share of the computing that is done, 0...1; from any thread.
    package var progress: (@Sendable (Double) -> Void)?
    /// Asked now and then, from any thread; true gives the file back untouched.
    package var isCancelled: (@Sendable () -> Bool)?
    /// Told true when the file begins to wait for what other files use, however long, and false when it has it.
    package var waits: (@Sendable (Bool) -> Void)?

    package init(
      progress: (@Sendable (Double) -> Void)? = nil, isCancelled: (@Sendable () -> Bool)? = nil,
      waits: (@Sendable (Bool) -> Void)? = nil
    ) {
      self.progress = progress
      self.isCancelled = isCancelled
      self.waits = waits
    }

    /// Waits for what other files use, and says so.
    func waiting(_ turn: () async -> Void) async {
      waits?(true)
      await turn()
      waits?(false)
    }
  }

  /// Processes one planned input, as soon as the resources allow.
  package func process(_ file: PlannedFile, watch: Watch = Watch()) async -> FileOutcome {
    let cost = file.cost(within: resources.memory.total)
    await watch.waiting { await resources.memory.acquire(cost) }
    defer { resources.memory.release(cost) }
    resources.filesUnderWay.increment()
    defer { resources.filesUnderWay.decrement() }
    var processor = self
    // Codecs are stopped as the stages are.
    if let isCancelled = watch.isCancelled { processor.coder = coder.stopping(when: isCancelled) }
    return await FileWork(processor: processor, file: file, watch: watch).run()
  }

  /// The key in the ledger; without one nothing asks for more than the path, which costs no look at the folders.
  func key(_ input: BatchInput, _ output: PlannedFile.Output) -> [UInt8] {
    hasLedgerOfItsOwn || ledger == nil ? input.path.bytes : job.ledgerKey(input, output)
  }

  /// All of the budget; but pictures so small that sharing one out costs a good part of what it brings are computed
  /// side by side, and share the budget.
  func threads(for output: PlannedFile.Output) -> Int {
    let isSmall = output.size.width * output.size.height < Self.smallPicture
    return isSmall ? max(1, resources.threads.total / resources.filesUnderWay.value) : resources.threads.total
  }

  private static let smallPicture = 1 << 16
}
