/// The text buffer that the C shims write their reason into.
enum Message {
  /// Calls a shim's function and turns a code other than 0 into an error made from code and text.
  static func check(
    _ failure: (Int32, String) -> ImageFileError.Cause,
    _ call: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) throws(ImageFileError.Cause) {
    var text = [CChar](repeating: 0, count: 256)
    let code = unsafe call(&text, text.count)
    guard code != 0 else { return }
    throw failure(
      code, String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}
