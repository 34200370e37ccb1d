package import Acuity

/// A setting that an error may advise to change; the raw value is its name, as an option and in a job file.
package enum JobSetting: String, Sendable {
  case animation
  case cmyk
  case exclude
  case format
  case ifExists = "if-exists"
  case include
  case maxPixels = "max-pixels"
  case metadata
  case name
  case recursive
  case tolerant

  /// How a user writes the setting, with one of the values if there are any (`true` of a flag); nil if he has no such setting.
  /// Only the front end knows.
  package typealias Spelling = @Sendable (JobSetting, _ values: [String]) -> String?
}

extension Job {
  /// Says behind an advice which settings it means: ` (--cmyk convert)`; nothing if the user has none of them.
  package func hint(_ settings: (JobSetting, [String])...) -> String { hint(settings) }

  func hint(_ settings: [(JobSetting, [String])]) -> String {
    let spelled = settings.compactMap { spelling($0, $1) }
    return spelled.isEmpty ? "" : " (\(spelled.joined(separator: ", ")))"
  }
}

extension ImageFileError.Cause {
  /// The setting with which the picture would be read.
  package var settings: [(JobSetting, [String])] {
    switch self {
    case .animated: [(.animation, ["first-frame"])]
    case .cmyk: [(.cmyk, ["convert"])]
    case .tooManyPixels: [(.maxPixels, [])]
    default: []
    }
  }
}
