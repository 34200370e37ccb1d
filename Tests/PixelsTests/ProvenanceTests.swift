import Foundation
import Testing

@testable import Pixels

@Suite("What has made a picture, in XMP") struct ProvenanceTests {
  private static let properties = [("Program", "Acuity \"1\" & <2>"), ("Scale", "2")]
  private static let described =
    #" xmlns:acuity="urn:acuity:xmp:1.0/" acuity:Program="Acuity &quot;1&quot; &amp; &lt;2>" acuity:Scale="2"/>"#

  private static func describe(
    _ packet: String?, _ properties: [(String, String)] = properties, limit: Int = .max
  ) -> String {
    let result = XMP.describing(properties, in: packet.map { Array($0.utf8) }, limit: limit)
    return String(decoding: result.packet, as: UTF8.self)
  }

  private static func isDescribed(_ packet: String, limit: Int = .max) -> Bool {
    XMP.describing(properties, in: Array(packet.utf8), limit: limit).isDescribed
  }

  @Test("A picture without a packet gets one, and one with an empty one", arguments: [nil, ""])
  func new(_ former: String?) throws {
    let packet = Self.describe(former)
    #expect(packet.hasPrefix(#"<?xpacket begin="\#u{FEFF}""#) && packet.hasSuffix(#"<?xpacket end="w"?>"#))
    #expect(packet.contains(#"<rdf:Description rdf:about="""# + Self.described + "</rdf:RDF>"))
  }

  @Test("At another size the statement stays, but for its scale")
  func resized() throws {
    let metadata = Metadata(xmp: Array(Self.describe(nil).utf8))
    let xmp = try #require(metadata.updated(for: Size(width: 3, height: 2)).xmp)
    let text = String(decoding: xmp, as: UTF8.self)
    #expect(text.contains("acuity:Program=\"Acuity") && !text.contains("acuity:Scale"), "\(text)")
    #expect(Self.describe(text) == Self.describe(nil), "the next one takes its place")
  }

  @Test("A packet keeps all that it says, under its prefix and about the same")
  func added() {
    let packet = #"<x><r:RDF><r:Description r:about = 'uuid:1' dc:a="b"/></r:RDF></x><?xpacket end="w"?>"#
    let expected =
      #"<x><r:RDF><r:Description r:about = 'uuid:1' dc:a="b"/><r:Description r:about='uuid:1'"#
      + Self.described + #"</r:RDF></x><?xpacket end="w"?>"#
    #expect(Self.describe(packet) == expected)
    let padding = String(repeating: " ", count: 1000)
    let padded = packet.replacing("<?xp", with: padding + "<?xp")
    #expect(Self.describe(padded).utf8.count == padded.utf8.count)
  }

  @Test("What an earlier run has said is replaced, also where another program has written it anew")
  func again() {
    let first = Self.describe(nil, [("Program", "Acuity 0"), ("Scale", "4")])
    #expect(Self.describe(first) == Self.describe(nil))
    #expect(Self.describe(Self.describe("<a:RDF></a:RDF>")) == Self.describe("<a:RDF></a:RDF>"))
    let model = Self.describe(nil, [("Program", "Acuity 0"), ("Model", "x"), ("Scale", "4")])
    #expect(Self.describe(model) == Self.describe(nil))
    let merged =
      #"<rdf:RDF><rdf:Description xmlns:acuity="urn:acuity:xmp:1.0/" acuity:Scale="4" dc:a="b"/></rdf:RDF>"#
    #expect(Self.describe(merged).contains(#"acuity="urn:acuity:xmp:1.0/" dc:a="b"/>"#))
    let moved =
      #"<rdf:RDF><rdf:Description rdf:about="" xmlns:a="urn:acuity:xmp:1.0/"><a:Program>Acuity 0</a:Program>"#
      + "<a:Other>1</a:Other></rdf:Description></rdf:RDF>"
    let result = Self.describe(moved)
    #expect(!result.contains("Acuity 0") && result.contains("<a:Other>1</a:Other>"))
    #expect(result.hasSuffix(Self.described + "</rdf:RDF>"))
  }

  /// Megabytes for which this would not end if the packet were searched for a part of itself, however long.
  @Test("A hostile packet takes no longer than another one of its length")
  func hostile() {
    let long = String(repeating: "a", count: 2_000_000)
    for packet in [long + "</" + long + ":RDF>", "</" + long + ":RDF>"] {
      #expect(Self.describe(packet) == packet)
    }
    let about = String(repeating: "<r:Description r:about='", count: 50_000)
    for value in ["=\"\(about)\"", "='\(about)", "=\"\(long)\""] {
      let packet = "<x r:about\(value)></r:RDF>"
      #expect(Self.describe(packet).contains(Self.described + "</r:RDF>"))
    }
  }

  @Test("A packet without RDF, and one without room, are told from others")
  func unfit() {
    for packet in ["x", "<rdf:RDF>", ":RDF>", "<a:RDF>", "<RDF></RDF>", "\0<\0/\0r\0:\0R\0D\0F\0>"] {
      #expect(Self.describe(packet) == packet && !Self.isDescribed(packet))
    }
    let packet = "<rdf:RDF></rdf:RDF>"
    let described = Self.describe(packet)
    #expect(Self.isDescribed(packet, limit: described.utf8.count))
    #expect(!Self.isDescribed(packet, limit: described.utf8.count - 1))
    // What an earlier run has said is not left standing.
    #expect(Self.describe(described, limit: 10) == packet)
  }

  @Test("Somebody else's properties under the same prefix are kept, and what a comment is about is not taken")
  func others() {
    let other = #"<!-- rdf:about="1" --><rdf:Description xmlns:acuity="http://x/" acuity:Scale="7"/>"#
    let result = Self.describe("<rdf:RDF>\(other)</rdf:RDF>")
    #expect(result == #"<rdf:RDF>\#(other)<rdf:Description rdf:about="""# + Self.described + "</rdf:RDF>")
  }
}
