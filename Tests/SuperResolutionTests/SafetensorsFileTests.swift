import Foundation
import Pixels
import SuperResolution
import TestSupport
import Testing

@Suite("Safetensors files")
struct SafetensorsFileTests {
  @Test(
    "The verdict on a header is the reference's, or stricter where that is on purpose", arguments: headerCases
  )
  func verdict(_ testCase: HeaderCase) throws {
    switch testCase.verdict {
    case .accepted:
      let file = try SafetensorsFile(bytes: testCase.bytes, name: "case")
      let found = file.tensors.map {
        HeaderCase.Entry(
          name: $0.name, type: $0.dataType.rawValue, shape: $0.shape, begin: $0.range.lowerBound,
          end: $0.range.upperBound)
      }
      let expected = try testCase.content()
      #expect(Set(found) == Set(expected.entries) && found.count == expected.entries.count)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.end == $1.begin })
      #expect(file.metadata == expected.metadata)
    case .refused, .stricter:
      #expect(throws: ModelError.self) { try SafetensorsFile(bytes: testCase.bytes, name: "case") }
    }
  }

  @Test("Every known type is in the table of verdicts")
  func everyType() {
    for type in SafetensorsFile.DataType.allCases {
      #expect(headerCases.contains { $0.name == "type \(type.rawValue)" })
    }
  }

  @Test("A hostile header of many entries is refused at the limit, not after filling memory")
  func manyEntries() {
    let entry = #":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
    let tensors = (0...SafetensorsFile.maximumEntries).map { "\"\($0)\"\(entry)" }.joined(separator: ",")
    let texts = (0...SafetensorsFile.maximumEntries).map { "\"\($0)\":\"\"" }.joined(separator: ",")
    let limit = ModelError(file: "f", cause: .tooManyEntries(limit: SafetensorsFile.maximumEntries))
    #expect(throws: limit) {
      try SafetensorsFile(bytes: HeaderCase("", .refused, "{\(tensors)}").bytes, name: "f")
    }
    #expect(throws: limit) {
      try SafetensorsFile(bytes: HeaderCase("", .refused, "{\"__metadata__\":{\(texts)}}").bytes, name: "f")
    }
  }

  @Test("Every prefix of a model file is refused")
  func everyPrefix() throws {
    let bytes = try smallModel().serialized()
    #expect(throws: Never.self) { try Model(bytes: bytes, name: "whole") }
    for count in bytes.indices {
      #expect(throws: ModelError.self, "prefix of \(count) bytes") {
        try Model(bytes: Array(bytes.prefix(count)), name: "prefix")
      }
    }
  }

  @Test("Mutated files give an error or a model, never a crash")
  func mutations() throws {
    let seeds = try [smallModel().serialized()] + headerCases.map(\.bytes)
    var generator = RandomSource(seed: 28)
    var accepted = 0
    let count = SharedData.runsFullTests ? 1_000_000 : 100_000
    for _ in 0..<count {
      var bytes = seeds[Int(generator.next() % UInt64(seeds.count))]
      mutate(&bytes, &generator)
      if (try? Model(bytes: bytes, name: "mutant")) != nil { accepted += 1 }
      if (try? SafetensorsFile(bytes: bytes, name: "mutant")) != nil { accepted += 1 }
    }
    // Some mutants stay valid, so the tests reach beyond the first check.
    #expect(accepted > count / 1000 && accepted < count)
  }
}

/// Changes a few bytes: another value, a flipped bit, digits and punctuation, a piece removed or doubled.
private func mutate(_ bytes: inout [UInt8], _ generator: inout RandomSource) {
  for _ in 0...Int(generator.next() % 3) {
    guard !bytes.isEmpty else { return }
    let place = Int(generator.next() % UInt64(bytes.count))
    switch generator.next() % 6 {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 1: bytes[place] ^= 1 << (generator.next() % 8)
    case 2: bytes[place] = Array("{}[]\",:\\u0123456789eE+-. ".utf8)[Int(generator.next() % 25)]
    case 3: bytes.remove(at: place)
    case 4: bytes.insert(bytes[place], at: place)
    default:
      let end = min(bytes.count, place + Int(generator.next() % 40))
      bytes.insert(contentsOf: bytes[place..<end], at: Int(generator.next() % UInt64(bytes.count)))
    }
  }
}
