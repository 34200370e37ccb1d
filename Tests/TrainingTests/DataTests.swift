import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing

@testable import Training

@Suite struct DataTests {
  /// MATLAB's `rgb2ycbcr` of some colours; a picture of 16 bits has 8 of luma too.
  @Test func truthIsTheLumaOfTheProtocol() throws {
    let folder = try TemporaryFolder()
    func truth(_ layout: Image.Layout, _ samples: Image.Samples) throws -> [Float]? {
      let image = Image(width: 4, height: 2, layout: layout, samples: samples)
      try folder.write(try ImageFile.encode(image, as: .png), to: "picture.png")
      let set = try TrainingSet(
        folders: [Array(folder("picture.png").utf8)], degradations: DegradationChain(parsing: ["bicubic=2"]),
        minimumSide: 2, maxBytes: 1 << 20, seed: 1)
      return set.pictures.first?.truth
    }
    func levels(_ row: [Float]) -> [Float] { (row + row).map { $0 / 255 } }
    let bytes: [UInt8] = [0, 0, 0, 255, 255, 255, 255, 0, 0, 12, 200, 99]
    #expect(try truth(.rgb, .uint8(bytes + bytes)) == levels([16, 235, 81, 130]))
    let grays: [UInt16] = [0, 257 * 127 + 128, 257 * 127 + 129, 65_535]
    #expect(try truth(.gray, .uint16(grays + grays)) == levels([0, 127, 128, 255]))
    let words: [UInt16] = [65_535, 0, 0, 0, 0, 0, 65_535, 65_535, 65_535, 0, 65_535, 0]
    #expect(try truth(.rgb, .uint16(words + words)) == levels([81, 16, 235, 145]))
  }

  @Test func aFileCountsOnceByWhateverName() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      let image = Pictures.noise(width: 16, height: 16, layout: .gray, seed: name == "a" ? 1 : 2)
      try folder.write(try ImageFile.encode(image, as: .png), to: "\(name).png")
    }
    try FileManager.default.createSymbolicLink(atPath: folder("c.png"), withDestinationPath: folder("a.png"))
    let set = try TrainingSet(
      folders: [folder.path, folder("b.png"), folder.path + "/"].map { Array($0.utf8) },
      degradations: DegradationChain(parsing: ["bicubic=2"]), minimumSide: 8, maxBytes: 1 << 20, seed: 1)
    #expect(set.pictures.map(\.name) == ["a.png", "b.png"].map { folder($0) })
    let again = [folder.path + "//a.png", folder.path + "//b.png", folder.path + "//c.png"]
    #expect(set.repeated == [folder("c.png"), folder("b.png")] + again)
  }

  @Test func chainsAreReadAndMultiply() throws {
    let chain = try DegradationChain(parsing: ["blur=0-1", "bicubic=2,3,4", "noise=0-5", "jpeg=30-90"])
    #expect(chain.variants == ["x2", "x3", "x4"])
    #expect(chain.divisor == 12)
    for wrong in [
      [], ["bicubic"], ["bicubic=1"], ["bicubic=2,"], ["bicubic=2,9"], ["noise=5-1"], ["jpeg=0-50"],
      ["wavelet=3"],
      ["blur=1-2-3"],
    ] {
      #expect(throws: TrainingError.self) { try DegradationChain(parsing: wrong) }
    }
  }

  @Test func aScaleGivenTwiceIsDrawnTwiceAsOften() throws {
    let chain = try DegradationChain(parsing: ["bicubic=2,3,3,4", "noise=0-5"])
    #expect(chain.variants == ["x2", "x3", "x4"] && chain.draws == [0, 1, 1, 2])
    let made = pictures(3, variants: chain.variants)
    let set = TrainingSet(pictures: made.pictures, variants: made.variants, draws: chain.draws)
    #expect(TrainingSplit(set, holdingOutEvery: 3).training.draws == chain.draws)
    var sampler = PatchSampler(
      set, sampling: .random(candidates: 1), side: 8, random: RandomSource(seed: 6))
    let drawn = sampler.next(4000).map(\.variant)
    for (variant, share) in [(0, 0.25), (1, 0.5), (2, 0.25)] {
      // Six standard deviations of a share of 4000 draws are below 0.05.
      #expect(abs(Double(drawn.count { $0 == variant }) / 4000 - share) < 0.05)
    }
  }

  @Test func bicubicIsTheProtocols() throws {
    var random = RandomSource(seed: 1)
    let samples = (0..<24 * 36).map { _ in Double(random.below(256)) }
    let picture = DoublePlane(width: 24, height: 36, samples: samples)
    let chain = try DegradationChain(parsing: ["bicubic=2,3"])
    let input = try chain.input(for: picture, variant: 1, random: &random)
    let small = imresize(samples, width: 24, height: 36, toWidth: 8, toHeight: 12, scale: 1 / 3.0)
    #expect(input == imresize(small, width: 8, height: 12, toWidth: 24, toHeight: 36))
    // Also before or behind steps that have no variants.
    for others in [
      ["blur=0", "bicubic=2,3"], ["bicubic=2,3", "noise=0"], ["noise=0", "bicubic=2,3", "blur=0"],
    ] {
      #expect(
        try DegradationChain(parsing: others).input(for: picture, variant: 1, random: &random) == input)
    }
  }

  @Test func otherDegradationsDoWhatTheySay() throws {
    var random = RandomSource(seed: 1)
    let edge = (0..<32 * 32).map { $0 % 32 < 16 ? 40.0 : 200.0 }
    let picture = DoublePlane(width: 32, height: 32, samples: edge)
    func after(_ text: String) throws -> [Double] {
      try DegradationChain(parsing: [text]).input(for: picture, variant: 0, random: &random)
    }
    let blurred = try after("blur=1")
    #expect(blurred[0] > 39.999 && blurred[0] < 40.001 && blurred[15] > 60 && blurred[15] < 120)
    // As far as three deviations.
    #expect(blurred[13] > 40.1 && blurred[12] < 40.001)
    let noisy = zip(try after("noise=10"), edge).map { $0 - $1 }
    let deviation = (noisy.reduce(0) { $0 + $1 * $1 } / 1_024).squareRoot()
    #expect(deviation > 9 && deviation < 11)
    #expect(try after("noise=0") == edge)
    let compressed = try after("jpeg=10")
    #expect(compressed != edge && zip(compressed, edge).allSatisfy { abs($0 - $1) < 60 })
  }

  /// A patch of a picture whose samples are their own places, in all eight orientations.
  @Test func patchesAreCutAndTurned() {
    let side = 5
    let truth = (0..<20 * 30).map { Float($0) }
    let picture = TrainingSet.Picture(
      name: "p", source: 0, isReduced: false, width: 20, height: 30, truth: truth, inputs: [truth.map { -$0 }]
    )
    let set = TrainingSet(pictures: [picture], variants: ["x2"])
    var seen = Set<[Float]>()
    for orientation in 0..<8 {
      let place = PatchPlace(picture: 0, variant: 0, x: 3, y: 4, orientation: orientation)
      var (input, target) = ([Float](repeating: 0, count: 25), [Float](repeating: 0, count: 25))
      input.withUnsafeMutableBufferPointer { input in
        guard let base = input.baseAddress else { return }
        let rows = (0..<side).map { base + $0 * side }
        set.fill(place, side: side, input: rows, truth: &target)
      }
      #expect(input == target.map { -$0 })
      let places = (0..<25).map { i -> Int in (4 + i / 5) * 20 + 3 + i % 5 }
      #expect(Set(target) == Set(places.map { Float($0) }))
      seen.insert(target)
    }
    #expect(seen.count == 8)
  }

  @Test func theGridCoversEveryPlaceOnceAnEpoch() {
    let set = pictures(3, side: 40)
    var sampler = PatchSampler(set, sampling: .grid(stride: 12), side: 16, random: RandomSource(seed: 4))
    let length = 3 * 3 * 3 * 2 * 8
    #expect(sampler.epochLength == length)
    let (first, second) = (sampler.next(length), sampler.next(length))
    #expect(Set(first).count == length && Set(second) == Set(first))
    #expect(first != second)
    #expect(first.allSatisfy { $0.x % 12 == 0 && $0.x + 16 <= 40 && $0.y % 12 == 0 && $0.y + 16 <= 40 })
  }

  @Test func everyPlaceCanBeDrawnAndIsAsLikelyAsOthers() {
    let (large, small) = (pictures(1, side: 24), pictures(1, side: 18))
    let set = TrainingSet(pictures: large.pictures + small.pictures, variants: large.variants)
    var sampler = PatchSampler(
      set, sampling: .random(candidates: 1), side: 16, random: RandomSource(seed: 8))
    let drawn = sampler.next(4000)
    for (picture, last) in [(0, 8), (1, 2)] {
      let own = drawn.filter { $0.picture == picture }
      #expect(Set(own.map(\.x)) == Set(0...last) && Set(own.map(\.y)) == Set(0...last))
    }
    #expect(Set(drawn.map(\.orientation)) == Set(0..<8))
    // 81 of 90 places are the large picture's; six standard deviations of a share of 4000 draws are below 0.03.
    #expect(abs(Double(drawn.count { $0.picture == 0 }) / 4000 - 0.9) < 0.03)
  }

  @Test func hardPatchesAreHarder() {
    let set = pictures(4)
    func error(_ candidates: Int) -> Float {
      var sampler = PatchSampler(
        set, sampling: .random(candidates: candidates), side: 12, random: RandomSource(seed: 4))
      var sum: Float = 0
      for place in sampler.next(200) {
        let picture = set.pictures[place.picture]
        for i in 0..<144 {
          let at = (place.y + i / 12) * picture.width + place.x + i % 12
          let error = picture.truth[at] - picture.inputs[place.variant][at]
          sum += error * error
        }
      }
      return sum
    }
    #expect(error(4) > 1.2 * error(1))
  }

  @Test func smallPicturesAreMeasuredTooWhereMostAreSmall() {
    func choice(_ sides: [Int]) -> (side: Int, pictures: [Int]) {
      let pictures = sides.map { side in
        TrainingSet.Picture(
          name: "", source: 0, isReduced: false, width: side + 1, height: side, truth: [], inputs: [])
      }
      return Validation.choice(of: TrainingSet(pictures: pictures, variants: []))
    }
    #expect(choice([200, 120, 300]) == (120, [0, 1, 2]))
    #expect(choice([90, 99, 60, 80]) == (80, [0, 1, 3]))
    #expect(choice([40, 200, 300, 400, 500]) == (120, [1, 2, 3, 4]))
    #expect(choice([]) == (0, []))
  }

  @Test(arguments: [[1, 0.75], [0.75, 0.5], [0.5]])
  func theLargestFormOfAPictureIsMeasured(_ reductions: [Double]) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "acuity-set-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for name in ["a", "b", "c"] {
      let image = Image(
        width: 64, height: 64, layout: .gray, samples: .uint8([UInt8](repeating: 7, count: 4096)))
      try Data(ImageFile.encode(image, as: .png)).write(to: root.appending(path: name))
    }
    let set = try TrainingSet(
      folders: [Array(root.path.utf8)], degradations: DegradationChain(parsing: ["bicubic=2"]),
      reductions: reductions, minimumSide: 16, maxBytes: 1 << 30, seed: 1)
    let split = TrainingSplit(set, holdingOutEvery: 2)
    #expect(!split.measuresOnTraining)
    #expect(split.training.pictures.map(\.source) == reductions.map { _ in 0 } + reductions.map { _ in 2 })
    #expect(split.measured.pictures.map(\.source) == [1])
    #expect(split.measured.pictures.map(\.width) == [Int(64 * reductions[0])])
  }

  /// Beside all that is kept, as many pictures are read at a time as there is room for, and one always is.
  @Test func picturesAreReadSideBySideWithinTheMemory() throws {
    let folder = try TemporaryFolder()
    for index in 0..<5 {
      let image = Pictures.noise(width: 16, height: 16, layout: .gray, seed: UInt64(index))
      try folder.write(try ImageFile.encode(image, as: .png), to: "\(index).png")
    }
    let files = try PictureFile.files(in: Array(folder.path.utf8))
    let degradations = try DegradationChain(parsing: ["bicubic=2"])
    // The truth and one degraded version of it.
    let (kept, working) = (2 * 4 * 256, LoadingPlan.workingBytes * 256)
    func plan(_ maxBytes: Int) -> LoadingPlan {
      LoadingPlan(files, degradations: degradations, reductions: [1], minimumSide: 8, maxBytes: maxBytes)
    }
    #expect(plan(5 * kept + working).waves == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5])
    #expect(plan(5 * kept + 2 * working).waves == [0..<2, 2..<4, 4..<5])
    #expect(plan(5 * kept + 3 * working - 1).waves == [0..<2, 2..<4, 4..<5])
    #expect(plan(5 * kept + 5 * working).waves == [0..<5])
    let less = plan(5 * kept + working - 1)
    #expect(less.jobs.count == 4 && less.beyondMemory == 1)
  }

  @Test func readsFoldersAtAnyDepthAndReportsWhatItCannotRead() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "acuity-set-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(
      at: root.appending(path: "deeper"), withIntermediateDirectories: true)
    func write(_ name: String, _ width: Int, _ height: Int, _ format: ImageFormat) throws {
      let image = Image(
        width: width, height: height, layout: .rgb,
        samples: .uint8((0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 7) }))
      try Data(ImageFile.encode(image, as: format)).write(to: root.appending(path: name))
    }
    try write("b.png", 50, 40, .png)
    try write("deeper/a.jpg", 64, 64, .jpeg)
    try write("small.png", 16, 64, .png)
    // It comes first, and does not count.
    try Data("no picture".utf8).write(to: root.appending(path: "a note.txt"))
    let chain = try DegradationChain(parsing: ["bicubic=2,3"])
    let set = try TrainingSet(
      folders: [Array(root.path.utf8)], degradations: chain, reductions: [1, 0.75], minimumSide: 24,
      maxBytes: 1 << 30,
      seed: 1)
    #expect(
      set.pictures.map { [$0.width, $0.height] } == [[48, 36], [36, 30], [60, 60], [48, 48]])
    #expect(set.pictures.map(\.source) == [0, 0, 1, 1])
    #expect(set.refused.count == 1 && set.refused[0].contains("a note.txt"))
    #expect(set.tooSmall == 2)
    // The bound on memory holds, the reading of a picture of 40 bytes a pixel included.
    let less = try TrainingSet(
      folders: [Array(root.path.utf8)], degradations: chain, minimumSide: 24, maxBytes: 130_000, seed: 1)
    #expect(less.bytes <= 130_000 - 40 * 50 * 40 && less.pictures.count == 1 && less.beyondMemory == 1)
    #expect(throws: TrainingError.self) {
      try TrainingSet(
        folders: [Array((root.path + "/nowhere").utf8)], degradations: chain, minimumSide: 24,
        maxBytes: 1 << 30, seed: 1)
    }
  }
}
