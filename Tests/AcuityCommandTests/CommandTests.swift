import ArgumentParser
import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("The command")
struct CommandTests {
  @Test("Help and version go to standard output and succeed")
  func help() throws {
    let help = try Acuity.run(["--help"])
    #expect(help.code == 0)
    #expect(help.text.contains("USAGE: acuity"))
    for variable in ["ACUITY_MODELS", "ACUITY_ISA"] { #expect(help.text.contains(variable)) }
    #expect(help.errors.isEmpty)
    let version = try Acuity.run(["--version"])
    #expect(version.code == 0)
    #expect(version.text.split(separator: ".").count == 3)
  }

  @Test(
    "Every subcommand that people see has help with examples",
    arguments: AcuityCommand.configuration.subcommands.filter { $0.configuration.shouldDisplay })
  func subcommandHelp(_ command: any ParsableCommand.Type) throws {
    let help = try Acuity.run([command._commandName, "--help"])
    #expect(help.code == 0)
    #expect(help.text.contains("Examples:"), "\(command._commandName)")
    #expect(help.text.contains("USAGE: acuity \(command._commandName)"))
  }

  @Test("Examples can be pasted: no line of theirs is broken at 80 columns")
  func exampleLines() {
    func examples(_ command: any ParsableCommand.Type, columns: Int) -> [Substring] {
      let help = AcuityCommand.helpMessage(for: command, columns: columns)
      let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
      return Array(lines.drop { $0 != "Examples:" }.prefix { !$0.isEmpty })
    }
    let commands = AcuityCommand.configuration.subcommands
    for command in commands + commands.flatMap({ $0.configuration.subcommands }) {
      #expect(examples(command, columns: 80) == examples(command, columns: 1000))
    }
  }

  @Test("Wrong usage is refused with 64 and says what is right")
  func usage() throws {
    for arguments in [["--nonsense"], ["nonsense"], ["info"], ["info", "--cpu", "--model"]] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 64, "\(arguments)")
      #expect(run.errors.hasPrefix("acuity: error: "), "\(arguments)")
      #expect(run.errors.contains("Usage: acuity"), "\(arguments)")
      #expect(run.output.isEmpty)
    }
  }

  @Test("A mistyped command is told as that, with the one that was meant")
  func mistypedCommand() throws {
    let run = try Acuity.run(["upscaler", "a.png", "-o", "b.png"])
    #expect(run.code == 64, "\(run.errors)")
    #expect(run.errors.contains("no command is called 'upscaler' (did you mean 'upscale'?)"), "\(run.errors)")
    #expect(run.errors.contains("Usage: acuity"))
    #expect(try Acuity.run(["a.png"]).errors.contains("; there are: upscale, run, "))
    for (arguments, words) in [
      (["help", "upscaler"], "no command is called 'upscaler' (did you mean 'upscale'?)"),
      (["help", "nonsense"], "no command is called 'nonsense'; there are: upscale, run, "),
      (["bench", "netwrk"], "no command of bench is called 'netwrk' (did you mean 'network'?)"),
      (["help", "bench", "netwrk"], "no command of bench is called 'netwrk'"),
      (["bench", "nonsense"], "; there are: conv, network, image, training"),
    ] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 64 && run.output.isEmpty, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
    }
    for arguments in [
      ["help"], ["help", "upscale"], ["help", "bench"], ["help", "bench", "network"], ["bench"],
      ["bench", "--help"], ["bench", "network", "--help"], ["--help"],
    ] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 0 && run.text.contains("USAGE: acuity"), "\(arguments): \(run.errors)")
    }
  }

  @Test(
    "A file's name that the parser takes for a row of short options, help among them, is refused",
    arguments: [["upscale", "-whale.jpg", "-o", "out"], ["info", "a.png", "-shot.png"], ["stages", "-nh"]])
  func hiddenHelp(_ arguments: [String]) throws {
    let run = try Acuity.run(arguments)
    #expect(run.code == 64 && run.output.isEmpty, "\(run.errors)")
    let name = try #require(arguments.dropFirst().first { $0.hasPrefix("-") })
    #expect(run.errors.contains("'\(name)' is no option: write ./\(name) for a file"), "\(run.errors)")
  }

  @Test("What only looks like help in a row of options is left alone")
  func noHiddenHelp() throws {
    let folder = try TemporaryFolder()
    try folder.write(try UpscaleFixture.picture(), to: "-hat.png")
    let line = "cd \"$1\" && \"$0\" info -- -hat.png && \"$0\" stages -help"
    let run = try Run(path: "/bin/sh", ["-c", line, Acuity.path, folder.path]).wait()
    #expect(run.code == 0 && run.text.contains("-hat.png") && run.text.contains("USAGE"), "\(run.errors)")
  }

  @Test("What a command refuses as it runs shows that command's usage")
  func usageOfTheCommand() throws {
    for (arguments, command) in [
      (["upscale", "a.png", "-o", "x.tif"], "acuity upscale"),
      (["bench", "conv", "--size", "32768", "--channels", "1024x1024"], "acuity bench conv"),
    ] {
      let run = try Acuity.run(arguments)
      #expect(run.code == 64, "\(run.errors)")
      #expect(run.errors.contains("\nUsage: \(command) "), "\(run.errors)")
      #expect(run.errors.hasSuffix("\n  See '\(command) --help' for more information.\n"), "\(run.errors)")
    }
  }

  @Test(
    "A full device is an error, not lost output",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func fullDevice() throws {
    for arguments in [["--help"], ["info", "--cpu"]] {
      let run = try Acuity.run(arguments, output: "/dev/full")
      #expect(run.code == 74, "\(arguments)")
      #expect(run.errors.contains("standard output"))
    }
  }

  @Test(
    "Completion scripts are made for the three shells",
    arguments: [
      ("bash", "complete -o filenames -F _acuity acuity"), ("zsh", "#compdef acuity"),
      ("fish", "complete -c 'acuity'"),
    ])
  func completions(_ shell: String, _ line: String) throws {
    let run = try Acuity.run(["--generate-completion-script", shell])
    #expect(run.code == 0)
    #expect(run.text.contains(line))
    for command in AcuityCommand.configuration.subcommands {
      let isShown = command.configuration.shouldDisplay
      #expect(run.text.contains(command._commandName) == isShown, "\(command._commandName)")
    }
  }

  @Test("Arguments keep their bytes, whatever they are")
  func argumentBytes() {
    let names: [[UInt8]] = [
      Array("plain.png".utf8), Array("e\u{301}.png".utf8), Array("\u{e9}.png".utf8), [0xff, 0x2e, 0x70],
      [0x61, 0xfe, 0x80, 0x62], Array("\u{10ff80}".utf8), Array("\u{fffd}".utf8), [],
    ]
    for name in names { #expect(Arguments.decode(Arguments.encode(name)) == name) }
    #expect(Set(names.map { Array(Arguments.encode($0).utf8) }).count == names.count)
    // The parser cuts an argument at its equals sign.
    let option = Arguments.encode(Array("--output=".utf8) + [0xff, 0x2e, 0x70])
    #expect(Arguments.decode(String(option.dropFirst("--output=".count))) == [0xff, 0x2e, 0x70])
  }
}
