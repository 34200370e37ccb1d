/// What a codec worker commits over a file that asks for it, as far as its environment has `variables`. Elsewhere such a
/// file is a picture like others.
public enum WorkerFault {
  public static let variables = ["ACUITY_WORKER_FAULTS": "1"]

  /// A JPEG's file with a comment that asks for the fault `kind`.
  public static func jpeg(_ file: [UInt8], _ kind: String) -> [UInt8] {
    let comment = bytes("acuity-fault:\(kind)\0")
    let count = comment.count + 2
    return file[..<2] + [0xff, 0xfe, UInt8(count >> 8), UInt8(count & 0xff)] + comment + file[2...]
  }
}
