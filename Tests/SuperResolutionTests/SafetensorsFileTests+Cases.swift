import Foundation
import Testing

/// What a reader has to say to a file. The verdicts are those of the safetensors package 0.8.0.
enum Verdict {
  case accepted
  case refused
  /// The reference accepts it; this package refuses it, on purpose.
  case stricter
}

/// A file made of a header and so many zero bytes of values.
struct HeaderCase: Sendable, CustomTestStringConvertible {
  let name: String
  let verdict: Verdict
  let bytes: [UInt8]

  init(_ name: String, _ verdict: Verdict, _ header: String, values: Int = 0, claims length: UInt64? = nil) {
    self.init(name, verdict, Array(header.utf8), values: values, claims: length)
  }

  init(_ name: String, _ verdict: Verdict, _ header: [UInt8], values: Int = 0, claims length: UInt64? = nil) {
    self.name = name
    self.verdict = verdict
    let length = (length ?? UInt64(header.count)).littleEndian
    bytes = withUnsafeBytes(of: length) { Array($0) } + header + [UInt8](repeating: 0, count: values)
  }

  var testDescription: String { name }
}

extension HeaderCase {
  /// A tensor as the header has it, in bytes from the start of the file.
  struct Entry: Hashable {
    /// Unicode has two spellings of some letters, which text takes for equal and a file does not.
    let name: [UInt8]
    let type: String
    let shape: [UInt64]
    let begin: Int
    let end: Int

    init(name: String, type: String, shape: [UInt64], begin: Int, end: Int) {
      self.name = Array(name.utf8)
      self.type = type
      self.shape = shape
      self.begin = begin
      self.end = end
    }
  }

  struct Unreadable: Error {}

  /// What a JSON reader of another make finds in the header.
  func content() throws -> (entries: [Entry], metadata: [String: String]) {
    let length = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    // That reader takes these for one key.
    if name == "two spellings of one letter" {
      let entries = ["\u{e9}", "e\u{301}"].enumerated().map { index, name in
        let begin = 8 + length + 4 * index
        return Entry(name: name, type: "F32", shape: [1], begin: begin, end: begin + 4)
      }
      return (entries, [:])
    }
    let object = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    guard var header = object as? [String: Any] else { throw Unreadable() }
    let metadata = header.removeValue(forKey: "__metadata__") as? [String: String]
    let entries = try header.map { name, value in
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let shape = fields["shape"] as? [NSNumber], let offsets = fields["data_offsets"] as? [Int],
        offsets.count == 2
      else { throw Unreadable() }
      return Entry(
        name: name, type: type, shape: shape.map(\.uint64Value), begin: 8 + length + offsets[0],
        end: 8 + length + offsets[1])
    }
    return (entries, metadata ?? [:])
  }
}

private func tensor(
  _ name: String = "a", type: String = "F32", shape: String = "[1]", at offsets: String = "[0,4]"
) -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

private let a = tensor()

let headerCases: [HeaderCase] = [
  HeaderCase("one tensor", .accepted, #"{\#(a)}"#, values: 4),
  HeaderCase("empty object", .accepted, "{}"),
  HeaderCase("two tensors", .accepted, #"{\#(a),\#(tensor("b", at: "[4,8]"))}"#, values: 8),
  HeaderCase(
    "two tensors listed in reverse", .accepted,
    #"{\#(tensor("b", at: "[4,8]")),\#(a)}"#, values: 8),
  HeaderCase(
    "fields in another order", .accepted,
    #"{"a":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}}"#, values: 4),
  HeaderCase("metadata", .accepted, #"{"__metadata__":{"k":"v"},\#(a)}"#, values: 4),
  HeaderCase("metadata last", .accepted, #"{\#(a),"__metadata__":{"k":"v"}}"#, values: 4),
  HeaderCase("empty metadata", .accepted, #"{"__metadata__":{}}"#),
  HeaderCase("scalar", .accepted, #"{\#(tensor(shape: "[]"))}"#, values: 4),
  HeaderCase("zero elements", .accepted, #"{\#(tensor(shape: "[0]", at: "[0,0]"))}"#),
  HeaderCase(
    "two empty tensors at one place", .accepted,
    #"{\#(tensor(shape: "[0]", at: "[0,0]")),\#(tensor("b", shape: "[0]", at: "[0,0]"))}"#),
  HeaderCase(
    "empty tensor between", .accepted,
    #"{\#(a),\#(tensor("b", shape: "[0]", at: "[4,4]")),\#(tensor("c", at: "[4,8]"))}"#, values: 8),
  HeaderCase(
    "empty tensor inside another", .refused,
    #"{\#(tensor(shape: "[2]", at: "[0,8]")),\#(tensor("b", shape: "[0]", at: "[4,4]"))}"#, values: 8),
  HeaderCase(
    "largest dimension times zero", .accepted,
    #"{\#(tensor(shape: "[18446744073709551615,0]", at: "[0,0]"))}"#),
  HeaderCase(
    "zero times largest dimension", .accepted,
    #"{\#(tensor(shape: "[0,18446744073709551615]", at: "[0,0]"))}"#),
  HeaderCase(
    "product overflows before a zero", .refused,
    #"{\#(tensor(shape: "[4294967296,4294967296,0]", at: "[0,0]"))}"#),
  HeaderCase("bytes overflow", .refused, #"{\#(tensor(shape: "[2305843009213693952]", at: "[0,0]"))}"#),
  HeaderCase(
    "dimension over 64 bits", .refused,
    #"{\#(tensor(shape: "[18446744073709551616,0]", at: "[0,0]"))}"#),
  HeaderCase(
    "white space everywhere", .accepted,
    " \t\r\n{ \"a\" : { \"dtype\" : \"F32\" , \"shape\" : [ 1 ] , \"data_offsets\" : [ 0 , 4 ] } } \n",
    values: 4),
  HeaderCase(
    "escaped letters", .accepted,
    #"{"\u0061":{"d\u0074ype":"F32","shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase("every short escape", .accepted, #"{"__metadata__":{"k":"\"\\\/\b\f\n\r\t"}}"#),
  HeaderCase("surrogate pair", .accepted, #"{"__metadata__":{"k":"\ud83d\ude00"}}"#),
  HeaderCase("lone lead surrogate", .refused, #"{"__metadata__":{"k":"\ud83d"}}"#),
  HeaderCase("lead surrogate and a letter", .refused, #"{"__metadata__":{"k":"\ud83dx"}}"#),
  HeaderCase("lead surrogate and no trail", .refused, #"{"__metadata__":{"k":"\ud83d\u0041"}}"#),
  HeaderCase("lone trail surrogate", .refused, #"{"__metadata__":{"k":"\ude00"}}"#),
  HeaderCase("short escape digits", .refused, #"{"__metadata__":{"k":"\u12"}}"#),
  HeaderCase("unknown escape", .refused, #"{"__metadata__":{"k":"\x41"}}"#),
  HeaderCase("control character in a string", .refused, #"{"__metadata__":{"k":"a\#u{A}b"}}"#),
  HeaderCase("delete character in a string", .accepted, #"{"__metadata__":{"k":"a\#u{7F}b"}}"#),
  HeaderCase("raw unicode", .accepted, #"{\#(tensor("\u{E9}"))}"#, values: 4),
  HeaderCase(
    "two spellings of one letter", .accepted,
    #"{\#(tensor("\u{E9}")),\#(tensor("e\u{301}", at: "[4,8]"))}"#, values: 8),
  HeaderCase("byte-order mark", .refused, #"\#u{FEFF}{}"#),
  HeaderCase("no header", .refused, ""),
  HeaderCase("only white space", .refused, "   "),
  HeaderCase("a list", .refused, "[]"),
  HeaderCase("a number", .refused, "1"),
  HeaderCase("null", .refused, "null"),
  HeaderCase("object without end", .refused, #"{\#(a)"#, values: 4),
  HeaderCase("string without end", .refused, #"{"a"#),
  HeaderCase("two objects", .refused, "{}{}"),
  HeaderCase("NUL after the object", .refused, #"{}\#u{0}"#),
  HeaderCase("comment", .refused, "{/**/}"),
  HeaderCase("trailing comma in the object", .refused, #"{\#(a),}"#, values: 4),
  HeaderCase("trailing comma in the shape", .refused, #"{\#(tensor(shape: "[1,]"))}"#, values: 4),
  HeaderCase("leading comma", .refused, #"{,\#(a)}"#, values: 4),
  HeaderCase("missing comma", .refused, #"{\#(a)\#(tensor("b", at: "[4,8]"))}"#, values: 8),
  HeaderCase(
    "missing colon", .refused,
    #"{"a"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase("single quotes", .refused, "{'a':1}"),
  HeaderCase("key without quotes", .refused, "{a:1}"),
  HeaderCase("number 1.0", .refused, #"{\#(tensor(shape: "[1.0]"))}"#, values: 4),
  HeaderCase("number 1e0", .refused, #"{\#(tensor(shape: "[1e0]"))}"#, values: 4),
  HeaderCase("number -1", .refused, #"{\#(tensor(shape: "[-1]"))}"#, values: 4),
  HeaderCase("number -0", .refused, #"{\#(tensor(shape: "[-0]", at: "[0,0]"))}"#),
  HeaderCase("number +1", .refused, #"{\#(tensor(shape: "[+1]"))}"#, values: 4),
  HeaderCase("number 01", .refused, #"{\#(tensor(shape: "[01]"))}"#, values: 4),
  HeaderCase("number 0x1", .refused, #"{\#(tensor(shape: "[0x1]"))}"#, values: 4),
  HeaderCase("number as a string", .refused, #"{\#(tensor(shape: #"["1"]"#))}"#, values: 4),
  HeaderCase("true as a number", .refused, #"{\#(tensor(shape: "[true]"))}"#, values: 4),
  HeaderCase("shape is a number", .refused, #"{\#(tensor(shape: "1"))}"#, values: 4),
  HeaderCase("shape is null", .refused, #"{\#(tensor(shape: "null"))}"#, values: 4),
  HeaderCase("nested shape", .refused, #"{\#(tensor(shape: "[[1]]"))}"#, values: 4),
  HeaderCase("no dtype", .refused, #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase("no shape", .refused, #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, values: 4),
  HeaderCase("no offsets", .refused, #"{"a":{"dtype":"F32","shape":[1]}}"#, values: 4),
  HeaderCase("one offset", .refused, #"{\#(tensor(at: "[0]"))}"#, values: 4),
  HeaderCase("three offsets", .refused, #"{\#(tensor(at: "[0,4,8]"))}"#, values: 8),
  HeaderCase("unknown dtype", .refused, #"{\#(tensor(type: "F33"))}"#, values: 4),
  HeaderCase("dtype in lower case", .refused, #"{\#(tensor(type: "f32"))}"#, values: 4),
  HeaderCase(
    "dtype is a number", .refused,
    #"{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase(
    "repeated dtype", .refused,
    #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase(
    "repeated shape", .refused,
    #"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#, values: 4),
  HeaderCase("repeated metadata", .refused, #"{"__metadata__":{},"__metadata__":{}}"#),
  HeaderCase("metadata value is a number", .refused, #"{"__metadata__":{"k":1}}"#),
  HeaderCase("metadata value is an object", .refused, #"{"__metadata__":{"k":{}}}"#),
  HeaderCase("metadata is a list", .refused, #"{"__metadata__":[]}"#),
  HeaderCase("tensor is a string", .refused, #"{"a":"b"}"#),
  HeaderCase("tensor is null", .refused, #"{"a":null}"#),
  HeaderCase("hole at the start", .refused, #"{\#(tensor(at: "[4,8]"))}"#, values: 8),
  HeaderCase("hole between", .refused, #"{\#(a),\#(tensor("b", at: "[8,12]"))}"#, values: 12),
  HeaderCase(
    "overlap", .refused,
    #"{\#(tensor(shape: "[2]", at: "[0,8]")),\#(tensor("b", shape: "[2]", at: "[4,12]"))}"#, values: 12),
  HeaderCase("one place for two tensors", .refused, #"{\#(a),\#(tensor("b"))}"#, values: 4),
  HeaderCase("ends before it starts", .refused, #"{\#(tensor(at: "[4,0]"))}"#, values: 4),
  HeaderCase("shape too large for its bytes", .refused, #"{\#(tensor(shape: "[2]"))}"#, values: 4),
  HeaderCase("shape too small for its bytes", .refused, #"{\#(tensor(at: "[0,8]"))}"#, values: 8),
  HeaderCase("type too wide for its bytes", .refused, #"{\#(tensor(type: "F64"))}"#, values: 4),
  HeaderCase("values cut short", .refused, #"{\#(a)}"#, values: 3),
  HeaderCase("no values at all", .refused, #"{\#(a)}"#),
  HeaderCase("a byte after the values", .refused, #"{\#(a)}"#, values: 5),
  HeaderCase("a byte after an empty object", .refused, "{}", values: 1),
  HeaderCase(
    "offsets beyond 64 bits", .refused,
    #"{\#(tensor(at: "[0,18446744073709551620]"))}"#, values: 4),
  HeaderCase(
    "offsets at the end of 64 bits", .refused,
    #"{\#(tensor(type: "U8", shape: "[18446744073709551615]", at: "[0,18446744073709551615]"))}"#, values: 4),
  HeaderCase("half a byte", .refused, #"{\#(tensor(type: "F4", at: "[0,1]"))}"#, values: 1),
  HeaderCase(
    "two half bytes", .accepted,
    #"{\#(tensor(type: "F4", shape: "[2]", at: "[0,1]"))}"#, values: 1),
  HeaderCase(
    "eight of six bits", .accepted,
    #"{\#(tensor(type: "F6_E2M3", shape: "[8]", at: "[0,6]"))}"#, values: 6),
  HeaderCase("header longer than the file", .refused, "{}", claims: 3),
  HeaderCase("header of 100,000,001 bytes", .refused, "{}", claims: 100_000_001),
  HeaderCase("header of 2^63 bytes", .refused, "{}", claims: 9_223_372_036_854_775_808),
  HeaderCase("header of 2^64-1 bytes", .refused, "{}", claims: 18_446_744_073_709_551_615),
  HeaderCase("header shorter than its object", .refused, "{}", claims: 1),
  HeaderCase("header of no bytes", .refused, "{}", claims: 0),
  HeaderCase("repeated tensor", .stricter, #"{\#(a),\#(a)}"#, values: 4),
  HeaderCase("repeated metadata key", .stricter, #"{"__metadata__":{"k":"1","k":"2"}}"#),
  HeaderCase(
    "unknown field", .stricter,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, values: 4),
  HeaderCase("tensor as a list", .stricter, #"{"a":["F32",[1],[0,4]]}"#, values: 4),
  HeaderCase("null metadata", .stricter, #"{"__metadata__":null,\#(a)}"#, values: 4),
  HeaderCase(
    "17 dimensions", .stricter,
    #"{\#(tensor(shape: "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"))}"#, values: 4),
  HeaderCase(
    "16 dimensions", .accepted,
    #"{\#(tensor(shape: "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"))}"#, values: 4),
  HeaderCase("type BOOL", .accepted, #"{\#(tensor(type: "BOOL", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase("type U8", .accepted, #"{\#(tensor(type: "U8", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase("type I8", .accepted, #"{\#(tensor(type: "I8", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase(
    "type F8_E5M2", .accepted,
    #"{\#(tensor(type: "F8_E5M2", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase(
    "type F8_E4M3", .accepted,
    #"{\#(tensor(type: "F8_E4M3", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase(
    "type F8_E8M0", .accepted,
    #"{\#(tensor(type: "F8_E8M0", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase(
    "type F8_E4M3FNUZ", .accepted,
    #"{\#(tensor(type: "F8_E4M3FNUZ", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase(
    "type F8_E5M2FNUZ", .accepted,
    #"{\#(tensor(type: "F8_E5M2FNUZ", shape: "[8]", at: "[0,8]"))}"#, values: 8),
  HeaderCase("type F4", .accepted, #"{\#(tensor(type: "F4", shape: "[8]"))}"#, values: 4),
  HeaderCase(
    "type F6_E2M3", .accepted,
    #"{\#(tensor(type: "F6_E2M3", shape: "[8]", at: "[0,6]"))}"#, values: 6),
  HeaderCase(
    "type F6_E3M2", .accepted,
    #"{\#(tensor(type: "F6_E3M2", shape: "[8]", at: "[0,6]"))}"#, values: 6),
  HeaderCase("type I16", .accepted, #"{\#(tensor(type: "I16", shape: "[8]", at: "[0,16]"))}"#, values: 16),
  HeaderCase("type U16", .accepted, #"{\#(tensor(type: "U16", shape: "[8]", at: "[0,16]"))}"#, values: 16),
  HeaderCase("type F16", .accepted, #"{\#(tensor(type: "F16", shape: "[8]", at: "[0,16]"))}"#, values: 16),
  HeaderCase(
    "type BF16", .accepted,
    #"{\#(tensor(type: "BF16", shape: "[8]", at: "[0,16]"))}"#, values: 16),
  HeaderCase("type I32", .accepted, #"{\#(tensor(type: "I32", shape: "[8]", at: "[0,32]"))}"#, values: 32),
  HeaderCase("type U32", .accepted, #"{\#(tensor(type: "U32", shape: "[8]", at: "[0,32]"))}"#, values: 32),
  HeaderCase("type F32", .accepted, #"{\#(tensor(shape: "[8]", at: "[0,32]"))}"#, values: 32),
  HeaderCase("type F64", .accepted, #"{\#(tensor(type: "F64", shape: "[8]", at: "[0,64]"))}"#, values: 64),
  HeaderCase("type I64", .accepted, #"{\#(tensor(type: "I64", shape: "[8]", at: "[0,64]"))}"#, values: 64),
  HeaderCase("type U64", .accepted, #"{\#(tensor(type: "U64", shape: "[8]", at: "[0,64]"))}"#, values: 64),
  HeaderCase("type C64", .accepted, #"{\#(tensor(type: "C64", shape: "[8]", at: "[0,64]"))}"#, values: 64),
  HeaderCase(
    "invalid UTF-8", .refused, Array(#"{"__metadata__":{"k":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)),
  HeaderCase(
    "overlong UTF-8", .refused, Array(#"{"__metadata__":{"k":""#.utf8) + [0xC0, 0xAF] + Array(#""}}"#.utf8)),
  HeaderCase(
    "encoded surrogate", .refused,
    Array(#"{"__metadata__":{"k":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}}"#.utf8)),
]
