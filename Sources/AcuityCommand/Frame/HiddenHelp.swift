import ArgumentParser
import Folders

extension AcuityCommand {
  /// Refuses an argument such as `-whale.jpg`, which a pattern of the shell may lead to. To the parser it is a row of short options
  /// with `-h` among them: it would print its help and end with code 0, and nothing would have been done.
  static func checkHiddenHelp(_ arguments: [String]) throws {
    for argument in arguments.prefix(while: { $0 != "--" }) where !["-h", "-help"].contains(argument) {
      let letters = argument.prefix { $0 != "=" }
      guard argument.hasPrefix("-"), !argument.hasPrefix("--"), letters.contains("h") else { continue }
      let name = escaped(Arguments.decode(argument))
      throw ValidationError("'\(name)' is no option: write ./\(name) for a file of this name, or -h for help")
    }
  }
}
