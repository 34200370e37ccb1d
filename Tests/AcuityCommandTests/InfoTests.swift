import Folders
import Foundation
import ImageFiles
import Pixels
import SuperResolution
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("acuity info")
struct InfoTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func picture(_ name: String = "a.png", layout: Image.Layout = .rgb, depth: Int = 8) throws -> String
  {
    let image = Pictures.noise(width: 7, height: 5, layout: layout, depth: depth, seed: 1)
    return try folder.write(try ImageFile.encode(image, as: .png), to: name)
  }

  #if os(Linux)
    @Test("A processor is known by its name, or by its maker's and its own number")
    func processorNames() {
      #expect(ProcessorDescription.name(in: "processor\t: 0\nmodel name\t: A: B\n") == "A: B")
      let numbers = "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0b\n"
      #expect(ProcessorDescription.name(in: numbers) == "implementer 0x41, part 0xd0b")
      #expect(ProcessorDescription.name(in: "processor\t: 0\n") == nil)
    }

    @Test(
      "A process has the cores that it may run on",
      .enabled(
        if: ["/usr/bin/taskset", "/bin/taskset"].contains(where: FileManager.default.isExecutableFile),
        "needs taskset"))
    func allowedCores() throws {
      // The first of those that the tests may run on: a container need not have processor 0.
      let first = "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\\([0-9]*\\).*/\\1/p' /proc/self/status)"
      let run = try Run.shell("taskset -c \(first) '\(Acuity.path)' info --cpu --json", in: "/")
      let object = try JSONSerialization.jsonObject(with: Data(run.text.utf8)) as? [String: Any]
      #expect(object?["cores"] as? Int == 1, "\(run.errors)")
    }
  #endif

  @Test("A picture's header, in JSON and in words")
  func pictures() throws {
    let path = try picture(layout: .grayAlpha, depth: 16)
    let object = try Acuity.run(["info", "--json", path]).object()
    #expect(object["width"] as? Int == 7)
    #expect(object["height"] as? Int == 5)
    #expect(object["depth"] as? Int == 16)
    #expect(object["format"] as? String == "png")
    #expect(object["channels"] as? String == "gray and alpha")
    #expect(try Acuity.run(["info", path]).text.contains("7 x 5"))
  }

  @Test("What lies beside a picture's pixels is told in dots per inch and whole sizes")
  func metadata() throws {
    var image = Pictures.noise(width: 7, height: 5, layout: .rgb, seed: 1)
    image.metadata.resolution = Metadata.Resolution(x: 10_000, y: 5_000, unit: .meter)
    func description(as format: ImageFormat) throws -> PictureDescription {
      PictureDescription(
        try ImageFile.header(bytes: ImageFile.encode(image, as: format), name: "a"), of: "a")
    }
    #expect(try description(as: .png).dpi?.map { $0.rounded() } == [254, 127])
    #expect(try description(as: .png).text.contains("254 x 127 dpi"))
    image.metadata.xmp = Array("<x xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>".utf8)
    image.metadata.extendedXMP = [UInt8](repeating: 0x20, count: 100_000)
    #expect(try (description(as: .jpeg).xmpBytes ?? 0) > 100_000)
  }

  @Test("All of a model's parameters are counted")
  func parameters() throws {
    let layers = [
      Model.Layer(
        inputChannels: 1, outputChannels: 2, weights: [Float](repeating: 0.1, count: 18), bias: [0, 1],
        relu: true),
      Model.Layer(
        inputChannels: 2, outputChannels: 1, weights: [Float](repeating: 0, count: 18), relu: false),
    ]
    let model = try folder.write(Model(layers: layers).serialized(), to: "a.safetensors")
    #expect(try ModelDescription(of: Path(bytes(model))).parameters == 38)
  }

  @Test(
    "A name of any bytes is found",
    .enabled(if: TemporaryFolder.takesRawNames, "needs a file system whose names are bytes"))
  func rawName() throws {
    let name = [0xff, 0xfe] + bytes(".png")
    let image = Pictures.noise(width: 7, height: 5, layout: .rgb, seed: 1)
    try folder.folder.write(ImageFile.encode(image, as: .png), to: name, replacing: false)
    let run = try Acuity.run(bytes: [bytes("info"), bytes(folder.path + "/") + name])
    #expect(run.code == 0)
    #expect(run.text.contains("\\xff\\xfe.png"))
  }

  @Test("One bad picture does not hide the good ones")
  func mixed() throws {
    let (good, bad) = (try picture(), try folder.write(Array("no picture".utf8), to: "bad.png"))
    let alone = try Acuity.run(["info", bad])
    #expect(alone.code == 66)
    #expect(alone.errors.hasPrefix("acuity: error: \(bad): "))
    #expect(try Acuity.run(["info", folder("absent.png")]).code == 66)
    let both = try Acuity.run(["info", bad, good])
    #expect(both.code == 1)
    #expect(both.text.contains("7 x 5"))
    #expect(both.errors.contains("bad.png"))
    let list = try JSONSerialization.jsonObject(
      with: Data(Acuity.run(["info", "--json", bad, good]).text.utf8))
    #expect((list as? [[String: Any]])?.count == 1, "of several things it is an array")
  }

  @Test("A wrong use is said in JSON too")
  func jsonUsage() throws {
    for arguments in [["info", "--log-format", "json"], ["info", "--log-format=json", "--nonsense"]] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 64)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(run.messages)) }
    }
  }

  @Test("Messages are JSON when asked for")
  func jsonMessages() throws {
    let run = try Acuity.run(["info", "--log-format", "json", folder("absent.png")])
    let object = try JSONSerialization.jsonObject(with: Data(run.messages)) as? [String: Any]
    #expect(object?["level"] as? String == "error")
    #expect((object?["message"] as? String)?.contains("absent.png") == true)
  }

  @Test("A picture from standard input is described too")
  func standardInput() throws {
    let path = try picture()
    let run = try Run.shell("'\(Acuity.path)' info - < '\(path)'", in: folder.path)
    #expect(run.code == 0 && run.text.hasPrefix("standard input\n"), "\(run.errors)")
    #expect(run.text.contains("7 x 5"))
    let nothing = try Acuity.run(["info", "-"])
    #expect(nothing.code == 66 && nothing.errors.contains("standard input: is empty"), "\(nothing.errors)")
  }

  @Test("The size of a picture that is too large to be read is told")
  func large() throws {
    // The header promises the pixels, and there are bytes enough to hold them, which nobody decodes.
    let plain = try ImageFile.encode(
      Pictures.noise(width: 7, height: 5, layout: .gray, seed: 1), as: .png)
    var start = Array(plain[..<33])
    start.replaceSubrange(16..<24, with: [0, 0x1e, 0x84, 0x80, 0, 0, 0, 1])
    let data: [UInt8] = [0, 0, 8, 0] + Array("IDAT".utf8) + [UInt8](repeating: 0, count: 0x804)
    let path = try folder.write(start + data + Array(plain.suffix(12)), to: "large.png")
    #expect(throws: ImageFileError.self) { try ImageFile.header(path) }
    let run = try Acuity.run(["info", path])
    #expect(run.code == 0 && run.text.contains("2000000 x 1"), "\(run.errors)")
  }

  @Test("This machine, its instruction sets and what ACUITY_ISA asks for")
  func processor() throws {
    let object = try Acuity.run(["info", "--cpu", "--json"], environment: ["ACUITY_ISA": "baseline"]).object()
    #expect(object["chosen"] as? String == "baseline")
    #expect((object["instruction_sets"] as? [String])?.contains("baseline") == true)
    #expect((object["cores"] as? Int ?? 0) > 0)
    let unknown = try Acuity.run(["info", "--cpu"], environment: ["ACUITY_ISA": "mmx"])
    #expect(unknown.code == 64)
    #expect(unknown.errors.contains("avx2"))
  }
}
