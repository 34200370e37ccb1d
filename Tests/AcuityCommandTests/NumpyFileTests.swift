import Pixels
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("NumPy files")
struct NumpyFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func read(_ bytes: [UInt8]) throws -> (plane: Plane, shape: [Int]) {
    try NumpyFile.read(Path(Array(folder.write(bytes, to: "x.npy").utf8)))
  }

  @Test(
    "What is written is read again, values start at a multiple of 64 bytes",
    arguments: [[7, 5], [1, 7, 5], [1, 1, 7, 5]])
  func roundTrip(_ shape: [Int]) throws {
    let plane = Pictures.noise(width: 5, height: 7, seed: 1)
    let bytes = NumpyFile.bytes(of: plane, shape: shape)
    #expect((bytes.count - 4 * 35) % 64 == 0)
    let again = try read(bytes)
    #expect(again.plane == plane)
    #expect(again.shape == shape)
  }

  /// As numpy.save writes it, and as other programs may.
  @Test("Headers of other writers")
  func otherWriters() throws {
    let values: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64]
    for header in [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n",
      "{'descr' : '<f4', 'fortran_order' : False, 'shape' : ( 1, 2 )}",
      "{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"<f4\"}",
    ] {
      let version1 = NumpyFile.magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + values
      #expect(try read(version1).plane.pixels == [1, 2])
      let version2 =
        NumpyFile.magic + [2, 0, UInt8(header.utf8.count), 0, 0, 0] + Array(header.utf8) + values
      #expect(try read(version2).plane.pixels == [1, 2])
    }
  }

  @Test("More dimensions than NumPy knows are refused, before their header could be too long to write")
  func manyDimensions() throws {
    func file(ones: Int) -> [UInt8] {
      let list = String(repeating: "1,", count: ones)
      let header = Array("{'descr':'<f4','fortran_order':False,'shape':(\(list)1,2)}".utf8)
      let length = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: header.count >> $0) }
      return NumpyFile.magic + [2, 0] + length + header + [0, 0, 128, 63, 0, 0, 0, 64]
    }
    let (plane, shape) = try read(file(ones: 62))
    #expect(try read(NumpyFile.bytes(of: plane, shape: shape)).shape.count == 64)
    for ones in [63, 40_000] {
      let error = #expect(throws: (any Error).self) { try read(file(ones: ones)) }
      if let error { #expect(ExitStatus(error) == .unreadable) }
    }
  }

  @Test("Damaged and other files are refused with 66")
  func refused() throws {
    let good = NumpyFile.bytes(of: Plane(width: 2, height: 1, pixels: [1, 2]), shape: [1, 2])
    func replacing(_ old: String, _ new: String) -> [UInt8] {
      Array(good.split(separator: Array(old.utf8)).joined(separator: Array(new.utf8)))
    }
    let bad: [[UInt8]] = [
      [], Array("text".utf8), Array(good.prefix(9)), Array(good.prefix(40)), Array(good.dropLast()),
      good + [0],
      replacing("<f4", ">f4"), replacing("<f4", "<f8"), replacing("False", "True "),
      replacing("(1, 2)", "(3, 2)"),
      replacing("(1, 2)", "(0, 2)"), replacing("(1, 2)", "(2)   "), replacing("(1, 2)", "(x, 2)"),
      replacing("(1, 2)", "(-1,2)"), replacing("(1, 2)", "(1,,2)"),
      NumpyFile.bytes(of: Plane(width: 2, height: 1, pixels: [1, .nan]), shape: [1, 2]),
      NumpyFile.bytes(of: Plane(width: 2, height: 1, pixels: [-.infinity, 2]), shape: [1, 2]),
      replacing("shape", "chape"),
    ]
    for (index, bytes) in bad.enumerated() {
      #expect(index < 6 || bytes != good, "the file was changed")
      let error = #expect(throws: (any Error).self, "\(index)") { try read(bytes) }
      if let error { #expect(ExitStatus(error) == .unreadable) }
    }
  }
}
