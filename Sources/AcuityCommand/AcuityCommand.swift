import ArgumentParser

@main
struct AcuityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acuity",
    abstract: "Enlarge photographs with a super-resolution network, exactly and fast, on the CPU.")
}
