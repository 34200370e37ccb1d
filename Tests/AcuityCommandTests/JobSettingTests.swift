import Acuity
import Batch
import Testing

@testable import AcuityCommand

@Suite("Settings as users write them")
struct JobSettingTests {
  @Test("As an option, as a line of a job file, and of a command that has not all of them")
  func spellings() {
    #expect(JobSetting.tolerant.option(["true"]) == "--tolerant")
    #expect(JobSetting.tolerant.line(["true"]) == "tolerant: true in the job file")
    #expect(JobSetting.maxPixels.option([]) == "--max-pixels")
    #expect(
      UpscaleCommand.spelling(of: .ifExists, values: ["verify", "rename"]) == "--if-exists verify or rename")
    #expect(Watch.spelling(of: .ifExists, values: ["skip", "overwrite"]) == "--if-exists overwrite")
    #expect(Watch.spelling(of: .ifExists, values: ["verify"]) == nil)
    #expect(Watch.spelling(of: .recursive, values: ["true"]) == nil)
    #expect(Watch.spelling(of: .tolerant, values: ["true"]) == "acuity upscale --tolerant")
    #expect(Watch.spelling(of: .format, values: ["png"]) == "--format png")
  }

  @Test("A command that reads pictures names its own options")
  func reading() {
    let error = ImageFileError(file: "a", cause: .cmyk(.jpeg))
    #expect(!"\(error)".contains("--"))
    #expect(ReadingOptions.describe(error).hasSuffix(" (--cmyk convert)"))
  }
}
