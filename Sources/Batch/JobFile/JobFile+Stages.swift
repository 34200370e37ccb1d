import Stages
import Yams

extension JobFile {
  /// Stages, written as the text that `--stages` takes, or as a list of such texts and of names with options:
  ///
  ///     stages:
  ///       - grayscale
  ///       - upscale: {scale: 2}
  ///       - sharpen:amount=0.3
  static func stages(_ node: JobFileNode) throws(JobFileError) -> [LocatedRequest] {
    var stages: [LocatedRequest] = []
    for item in node.items("stage") {
      guard let mapping = item.node.mapping else {
        let text = try item.text()
        do throws(StageError) {
          for request in try StageRequest.parse(text) { stages.append(located(request, item)) }
        } catch {
          throw item.error("\(error)")
        }
        continue
      }
      guard let (key, value) = mapping.first, mapping.count == 1, let name = key.scalar?.string else {
        throw item.error("a stage is a name with its options, such as - upscale: {scale: 2}")
      }
      let options = JobFileNode(node: value, name: "stage '\(printable(name))'")
      stages.append(located(StageRequest(name, try settings(options)), item))
    }
    guard stages.count <= 64 else { throw node.error("there are more than 64 stages") }
    return stages
  }

  private static func located(_ request: StageRequest, _ node: JobFileNode) -> LocatedRequest {
    LocatedRequest(request: request, line: node.node.mark?.line, column: node.node.mark?.column)
  }

  private static func settings(_ node: JobFileNode) throws(JobFileError) -> [StageRequest.Setting] {
    if node.isEmpty { return [] }
    guard let mapping = node.node.mapping else {
      throw node.error("\(node.name) takes options and values, such as {scale: 2}")
    }
    var settings: [StageRequest.Setting] = []
    for (key, value) in mapping {
      guard let option = key.scalar?.string else {
        throw node.error("an option of \(node.name) must be a word")
      }
      let value = JobFileNode(node: value, name: "option '\(printable(option))' of \(node.name)")
      settings.append(StageRequest.Setting(option, try value.text()))
    }
    return settings
  }
}
