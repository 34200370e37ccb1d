import ArgumentParser
import Folders
import Stages

extension AcuityCommand {
  /// Refuses a word in a command's place that is the name of none: to the parser it is but an argument too many, and its help
  /// passes it over.
  static func checkName(_ arguments: [String]) throws {
    let help = "help"
    var words = arguments[...]
    if words.first == help { words.removeFirst() }
    var command: any ParsableCommand.Type = self
    while let name = words.popFirst(), !name.hasPrefix("-"), name != help {
      let commands = command.configuration.subcommands
      if commands.isEmpty { return }
      guard let next = commands.first(where: { $0._commandName == name }) else {
        throw unknown(name, of: command)
      }
      command = next
    }
  }

  private static func unknown(_ name: String, of command: any ParsableCommand.Type) -> ValidationError {
    let names = command.configuration.subcommands.map { $0._commandName }
    let suggestion = nearestName(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    let place = command == self ? "" : " of \(command._commandName)"
    return ValidationError(
      "no command\(place) is called '\(escaped(Arguments.decode(name)))'\(suggestion); there are: "
        + names.joined(separator: ", "))
  }
}
