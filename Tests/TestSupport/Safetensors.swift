import Foundation

/// A minimal reader of the reference tensors, independent of the project's own model reader.
public struct Safetensors {
  public struct Tensor {
    public let shape: [Int]
    /// Row-major, whatever the stored precision.
    public let values: [Double]
  }

  public struct Malformed: Error {}

  public let tensors: [String: Tensor]

  public init(contentsOf path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard bytes.count >= 8 else { throw Malformed() }
    let length = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    guard length <= bytes.count - 8 else { throw Malformed() }
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    guard let entries = header as? [String: Any] else { throw Malformed() }
    var tensors: [String: Tensor] = [:]
    for (name, entry) in entries where name != "__metadata__" {
      guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int],
        offsets.count == 2, 8 + length + offsets[1] <= bytes.count
      else { throw Malformed() }
      let range = 8 + length + offsets[0]..<8 + length + offsets[1]
      let values: [Double] = try bytes[range].withUnsafeBytes { raw in
        switch type {
        case "F64": (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
        case "F32":
          (0..<raw.count / 4).map { Double(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
        case "U8": raw.map { Double($0) }
        default: throw Malformed()
        }
      }
      tensors[name] = Tensor(shape: shape, values: values)
    }
    self.tensors = tensors
  }
}
