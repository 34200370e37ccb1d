import Pixels
import Testing

@Suite struct XMPTests {
  private static let tiff = "http://ns.adobe.com/tiff/1.0/"

  private static func set(_ value: Int, in packet: String) -> String {
    String(decoding: XMP.setting(["tiff:ImageWidth": value], in: Array(packet.utf8)), as: UTF8.self)
  }

  @Test func numbersAreSetUnderEveryPrefixOfTheNamespaceAndNoOther() {
    let packet =
      #"<a xmlns:t="\#(Self.tiff)" xmlns:other = "http://x/" t:ImageWidth="7" other:ImageWidth="7" "#
      + #"my-t:ImageWidth="7" tiff:ImageWidth='7'><t:ImageWidth>7</t:ImageWidth><t:ImageWidths>7</t:ImageWidths></a>"#
    let expected =
      #"<a xmlns:t="\#(Self.tiff)" xmlns:other = "http://x/" t:ImageWidth="8" other:ImageWidth="7" "#
      + #"my-t:ImageWidth="7" tiff:ImageWidth='8'><t:ImageWidth>8</t:ImageWidth><t:ImageWidths>7</t:ImageWidths></a>"#
    #expect(Self.set(8, in: packet) == expected)
  }

  /// A JPEG's segment may have no byte to spare.
  @Test func aPacketGrowsIntoTheWhiteSpaceForEdits() {
    func packet(_ width: Int, padding: Int) -> String {
      #"<x tiff:ImageWidth="\#(width)"/>"# + String(repeating: " ", count: padding) + #"<?xpacket end="w"?>"#
    }
    #expect(Self.set(1000, in: packet(99, padding: 5)) == packet(1000, padding: 3))
    #expect(Self.set(9, in: packet(99, padding: 5)) == packet(9, padding: 5), "none is added")
    #expect(Self.set(100_000, in: packet(99, padding: 1)).utf8.count == packet(99, padding: 1).utf8.count + 3)
    let bare = #"<x tiff:ImageWidth="99"/>   "#
    #expect(Self.set(100, in: bare) == #"<x tiff:ImageWidth="100"/>   "#)
  }

  @Test func aPropertyWithinAnothersTextGoesWithIt() {
    let packet = #"<x a="1" hdrgm:Version="2 hdrgm:Version='3" b="4"/>"#
    let removed = XMP.removing("hdrgm:Version", from: Array(packet.utf8))
    #expect(String(decoding: removed, as: UTF8.self) == #"<x a="1" b="4"/>"#)
  }

  /// Megabytes for which this would not end if one step looked at the whole packet for each of its parts.
  @Test(arguments: [
    #" xmlns:tN="http://ns.adobe.com/tiff/1.0/""#,
    #" xmlns:tN='http://ns.adobe.com/tiff/1.0/' tN:ImageWidth="1""#,
    "<tiff:ImageWidth ", "<hdrgm:Version>", " hdrgm:Version=\"", ":ImageWidth", "                  ",
  ])
  func whatNobodyWritesTakesNoTime(part: String) {
    let parts = part.split(separator: "N", omittingEmptySubsequences: false).map { String($0) }
    // As text: bytes are joined one by one where nothing is optimized.
    var text = "<x"
    for number in 0..<100_000 { text += parts.joined(separator: "\(number)") }
    text += "<?xpacket end"
    let packet = Array(text.utf8)
    let values = ["tiff:ImageWidth": 10, "tiff:ImageLength": 5]
    #expect(XMP.setting(values, in: packet).count <= packet.count + 100_000)
    #expect(XMP.removing("hdrgm:Version", from: packet).count <= packet.count)
    #expect((XMP.text("hdrgm:Version", in: packet)?.count ?? 0) <= packet.count)
  }
}
