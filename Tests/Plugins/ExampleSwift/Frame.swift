/// An example of a plug-in in Swift: a stage `frame` that puts a border of one shade around a picture.
///
/// It shows a stage that changes the size. The table and all texts in it live as long as the process.
public import CAcuityPlugin

private final class Frame {
  let border: Int
  let shade: Float

  init(border: Int, shade: Float) {
    self.border = border
    self.shade = shade
  }

  func draw(_ input: acuity_picture, _ output: acuity_picture) {
    withUnsafeBytes(of: (input.planes, output.planes)) { raw in
      let planes = raw.bindMemory(to: UnsafeMutablePointer<Float>?.self)
      for channel in 0..<Int(input.channels) {
        guard let from = planes[channel], let to = planes[4 + channel] else { continue }
        let isAlpha = input.has_alpha != 0 && channel == Int(input.channels) - 1
        for y in 0..<Int(output.height) {
          let row = to + y * Int(output.row_stride)
          for x in 0..<Int(output.width) { row[x] = isAlpha ? 1 : shade }
        }
        for y in 0..<Int(input.height) {
          (to + (y + border) * Int(output.row_stride) + border)
            .update(from: from + y * Int(input.row_stride), count: Int(input.width))
        }
      }
    }
  }
}

/// A C string that is never freed.
private func text(_ string: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(string.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func frame(_ instance: UnsafeMutableRawPointer?) -> Frame? {
  instance.map { Unmanaged<Frame>.fromOpaque($0).takeUnretainedValue() }
}

/// Made once, at the first call of the entry.
nonisolated(unsafe) private let table: UnsafePointer<acuity_plugin> = {
  var border = acuity_option()
  border.name = text("border")
  border.help = text("width of the border in pixels")
  border.kind = Int32(ACUITY_OPTION_INTEGER)
  border.minimum = 1
  border.maximum = 1000
  border.default_value = text("8")
  var shade = acuity_option()
  shade.name = text("shade")
  shade.help = text("0 is black, 1 is white")
  shade.kind = Int32(ACUITY_OPTION_NUMBER)
  shade.maximum = 1
  shade.default_value = text("1")
  let options = UnsafeMutableBufferPointer<acuity_option>.allocate(capacity: 2)
  _ = options.initialize(from: [border, shade])

  var plugin = acuity_plugin()
  plugin.abi_version = UInt32(ACUITY_PLUGIN_ABI_VERSION)
  plugin.name = text("frame")
  plugin.description = text("Put a border around the picture (an example in Swift)")
  plugin.option_count = 2
  plugin.options = UnsafePointer(options.baseAddress)
  plugin.create = { values, instance, _, _ in
    guard let values, let instance else { return 1 }
    let frame = Frame(border: Int(values[0].integer), shade: Float(values[1].number))
    instance.pointee = Unmanaged.passRetained(frame).toOpaque()
    return 0
  }
  plugin.output_size = { instance, width, height, outputWidth, outputHeight, _, _ in
    guard let frame = frame(instance), let outputWidth, let outputHeight else { return 1 }
    outputWidth.pointee = width + 2 * Int64(frame.border)
    outputHeight.pointee = height + 2 * Int64(frame.border)
    return 0
  }
  plugin.process = { instance, input, output, _, _ in
    guard let frame = frame(instance), let input, let output else { return 1 }
    frame.draw(input.pointee, output.pointee)
    return 0
  }
  plugin.destroy = { instance in
    if let instance { Unmanaged<Frame>.fromOpaque(instance).release() }
  }
  let table = UnsafeMutablePointer<acuity_plugin>.allocate(capacity: 1)
  table.initialize(to: plugin)
  return UnsafePointer(table)
}()

@c(acuity_plugin_entry)
public func entry() -> UnsafePointer<acuity_plugin>? { table }
