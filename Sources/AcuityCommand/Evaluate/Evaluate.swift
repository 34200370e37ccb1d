import Acuity
import ArgumentParser
import Batch
import Evaluation
import Folders

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model against ground truth: PSNR and SSIM, beside bicubic interpolation.",
    discussion: """
      Every picture of a folder is reduced, enlarged again and compared with itself, on luma, by a published protocol: \
      paper (Kim et al. 2016: the result rounded to 8 bits), seed (not rounded) or basicsr (an RGB picture of 8 bits first).

      Examples:
        acuity evaluate Set5
        acuity evaluate Set5 Set14 --scale 2,3,4 --report evaluation
        acuity evaluate Set5 --scale 3 --model weights.safetensors --format json
      """)

  @Argument(help: "Folders of ground-truth pictures: each is a set.", completion: .directory)
  var folders: [Path]

  @Option(help: "Whole factors from 2 to 8, each once, separated by commas.")
  var scale = Scales([2, 3, 4])

  @Option(name: .customLong("protocol"), help: "How results are compared.")
  var evaluationProtocol = EvaluationProtocol.paper

  @Option(help: "How the figures are printed.")
  var format = Format.table

  @Option(
    help: ArgumentHelp(
      "Write a page with tables, plots and details here, as index.html.", valueName: "folder"),
    completion: .directory)
  var report: Path?

  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Engine") var compute: ComputeOptions
  @OptionGroup(title: "Memory") var memory: MemoryOptions
  @OptionGroup(title: "Messages") var output: OutputOptions

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
  }

  func validate() throws {
    // By whatever name.
    let places = folders.map { folder in (try? Folder(folder.bytes))?.identity }
    for (index, folder) in folders.enumerated() {
      let isRepeated = places[index].map(places[..<index].contains) ?? folders[..<index].contains(folder)
      if isRepeated { throw ValidationError("\(folder) is named twice; it would count twice in its means") }
    }
  }

  func run() throws {
    Interrupts.install()
    let model = try engine.makeModel(compute.isa)
    // Before the work: whether there are pictures, and whether the report has a place.
    let pictures = try zip(folders, Self.setNames(folders)).flatMap { try self.pictures(in: $0, set: $1) }
    let page = try report.map { try makeFolder($0.bytes) }

    var results = EvaluationResults(
      protocol: evaluationProtocol, model: engine.model.map { "\($0)" } ?? ModelCatalog.defaultName)
    var details: [Detail] = []
    func leaveOut(_ reason: String) {
      Console.report(.error, "\(reason); it is left out of the means")
      results.leaveOut(reason)
    }
    let pixels = pictures.reduce(0) { $0 + $1.pixels * Double(scale.factors.count) }
    let progress = ProgressDisplay("evaluating", total: pixels)
    var done = 0.0
    // What ends the work; the figures until then are not lost.
    var ending: (any Error)?
    pictures: for picture in pictures {
      let need = picture.pixels * Comparison.bytesPerPixel
      guard need <= Double(usableMemory()), Memory.isAvailable(Int(need)) else {
        leaveOut(
          "\(picture.path): to compare it takes \(ByteCount(Int(need))) of memory, more than there is for it here"
        )
        continue
      }
      let image: Image
      do throws(ImageFileError) {
        image = try ImageFile.read(
          pathBytes: picture.path.bytes, limits: reading.limits, options: reading.options)
      } catch {
        leaveOut(ReadingOptions.describe(error))
        continue
      }
      for factor in scale.factors {
        let before = done
        var options = RunOptions()
        options.threads = compute.threads
        options.maxMemory = memory.maxMemory?.bytes
        options.tile = memory.tile
        options.isCancelled = { Interrupts.areRaised }
        options.progress = {
          progress.update(done: before + $0 * picture.pixels, detail: "\(picture.path) x\(factor)")
        }
        do {
          let comparison = try Comparison(
            image, scale: factor, protocol: evaluationProtocol, convention: model.lumaConvention
          ) { try model.enhance($0, options: options) }
          done += picture.pixels
          results.add(
            EvaluationResults.Row(
              set: picture.set, scale: factor, image: picture.name,
              bicubic: comparison.score(of: comparison.bicubic),
              model: comparison.score(of: comparison.result)))
          if page != nil { details.append(try Detail(comparison, set: picture.set, image: picture.name)) }
        } catch  where error is CancellationError || error is ModelError {
          ending = error
          break pictures
        } catch {
          leaveOut("\(picture.path): at x\(factor), \(error)")
        }
      }
    }
    progress.finish()

    if let ending {
      if results.rows.isEmpty { throw ending }
      Console.report(.warning, "it ends early: the means are of what was measured until then")
      results.leaveOut("what would have come after \(results.rows.count) comparisons: it ended early")
    }
    try attemptEach(
      // A program that reads the figures is to find that there are none.
      { if !results.rows.isEmpty || format != .table { try print(results) } },
      { if let page { try write(EvaluationReport(results, details: details), to: page) } })
    if let ending { throw ending }
    if !results.leftOut.isEmpty { throw ExitStatus.someInputsFailed }
  }

  private func write(_ report: EvaluationReport, to folder: Folder) throws {
    try folder.write(Array(report.html.utf8), to: Array("index.html".utf8), replacing: true)
    Console.report(.info, "the report is \(folder.path)/index.html")
  }

  private func print(_ results: EvaluationResults) throws {
    switch format {
    case .table:
      Console.report(.info, "protocol \(results.protocol.rawValue), model \(results.model)")
      try Console.print(results.table)
    case .json: try Console.print(results.json)
    case .csv: try Console.print(results.csv)
    }
  }
}

extension Evaluate {
  private struct Picture {
    let set: String
    let name: String
    let path: Path
    let pixels: Double
  }

  /// What the sets are called: as their folders are, or by the whole path where two folders have one name.
  static func setNames(_ folders: [Path]) -> [String] {
    let names = folders.map { $0.bytes.split(separator: UInt8(ascii: "/")).last.map { escaped($0) } ?? "/" }
    return zip(folders, names).map { folder, name in
      names.count { $0 == name } == 1 ? name : "\(folder)"
    }
  }

  /// The pictures of a folder in the order of their names. Files that are none are passed over, unless their names say that they
  /// are some; those, and damaged ones, fail when their turn comes.
  private func pictures(in path: Path, set: String) throws -> [Picture] {
    let folder = try Folder(path.bytes)
    var pictures: [Picture] = []
    for name in try folder.names() where name.first != UInt8(ascii: ".") {
      let file = Path(path.bytes + [UInt8(ascii: "/")] + name)
      var pixels = 0.0
      do throws(ImageFileError) {
        let size = try ImageFile.header(pathBytes: file.bytes, limits: reading.limits).size
        pixels = Double(size.width) * Double(size.height)
      } catch {
        let isStranger =
          switch error.cause {
          case .notARegularFile: true
          case .unknownFormat, .empty, .fileTooLarge: RelativePath(name)?.looksLikePicture != true
          default: false
          }
        if isStranger {
          let isFolder = FileStatus(following: file.bytes)?.kind == .folder
          Console.report(
            .info,
            isFolder
              ? "\(file) is a folder: passed over; name it by itself for a set of its pictures"
              : "\(file) is no picture: passed over")
          continue
        }
      }
      pictures.append(Picture(set: set, name: escaped(name), path: file, pixels: pixels))
    }
    if pictures.isEmpty {
      throw CommandFailure(.unreadable, "\(path): has no pictures; name a folder that has")
    }
    return pictures
  }

  /// `2,3,4`.
  struct Scales: ExpressibleByArgument, CustomStringConvertible {
    let factors: [Int]

    init(_ factors: [Int]) {
      self.factors = factors
    }

    init?(argument: String) {
      let factors = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard factors.allSatisfy({ (2...8).contains($0) }), Set(factors).count == factors.count else {
        return nil
      }
      self.factors = factors
    }

    var description: String { factors.map(String.init).joined(separator: ",") }
    var defaultValueDescription: String { description }
  }
}
