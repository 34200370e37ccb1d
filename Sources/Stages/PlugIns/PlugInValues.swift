import CAcuityPlugin
import Pixels

/// A stage's options as the C table of values that `create` takes, one for each row of the plug-in's option table.
struct PlugInValues {
  private let rows: [(kind: Int32, value: StageValue?, path: [UInt8]?)]

  /// `files` are the paths of files, by the options' names.
  init(_ table: [StageOption], _ options: StageOptions, files: [String: [UInt8]]) {
    rows = table.map { (Self.kind($0.kind), options[$0.name], files[$0.name]) }
  }

  /// Lends the values; their texts live as long as the call.
  func withValues<Result>(
    _ body: (UnsafePointer<acuity_value>?) throws(StageError) -> Result
  ) throws(StageError) -> Result {
    var texts: [UnsafeMutablePointer<CChar>] = []
    defer { for text in texts { text.deallocate() } }
    let values = rows.map { kind, value, path in
      var result = acuity_value()
      result.kind = kind
      result.is_set = value == nil ? 0 : 1
      switch value {
      case .integer(let number):
        result.integer = Int64(number)
        result.number = Double(number)
      case .number(let number): result.number = number
      case .text(let string):
        let bytes = (path ?? Array(string.utf8)).map(CChar.init(bitPattern:)) + [0]
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        text.initialize(from: bytes, count: bytes.count)
        texts.append(text)
        result.text = UnsafePointer(text)
      case .size(let size):
        result.integer = Int64(size.width)
        result.height = Int64(size.height)
      case .color, nil: break
      }
      return result
    }
    let table = UnsafeMutableBufferPointer<acuity_value>.allocate(capacity: values.count)
    defer { table.deallocate() }
    _ = table.initialize(from: values)
    return try body(values.isEmpty ? nil : table.baseAddress.map { UnsafePointer($0) })
  }

  private static func kind(_ kind: StageOption.Kind) -> Int32 {
    let raw =
      switch kind {
      case .integer: ACUITY_OPTION_INTEGER
      case .number: ACUITY_OPTION_NUMBER
      case .text: ACUITY_OPTION_TEXT
      case .choice: ACUITY_OPTION_CHOICE
      case .size: ACUITY_OPTION_SIZE
      case .file: ACUITY_OPTION_FILE
      case .color:
        preconditionFailure("the interface of plug-ins has no colours, so that no table of theirs does")
      }
    return Int32(raw)
  }
}
