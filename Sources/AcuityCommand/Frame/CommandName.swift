import ArgumentParser
import Folders
import Stages

extension AcuityCommand {
  /// Refuses a first word that is the name of no command: to the parser it is but an argument too many.
  static func checkName(_ arguments: [String]) throws {
    let names = configuration.subcommands.map { $0._commandName }
    guard let name = arguments.first, !name.hasPrefix("-"), !(names + ["help"]).contains(name) else { return }
    let suggestion = nearestName(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw ValidationError(
      "no command is called '\(escaped(Arguments.decode(name)))'\(suggestion); there are: \(names.joined(separator: ", "))"
    )
  }
}
