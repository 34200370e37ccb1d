import Foundation
import TestSupport
import Testing

@Suite("acuity stages")
struct StagesTests {
  @Test("Every stage with its options and ranges, for people")
  func text() throws {
    let run = try Acuity.run(["stages"])
    #expect(run.code == 0)
    for text in ["resize: ", "sharpen: ", "amount=0.5", "a number from 0 to 5", "one of bicubic, area"] {
      #expect(run.text.contains(text))
    }
    let one = try Acuity.run(["stages", "grayscale"])
    #expect(one.text.hasPrefix("grayscale: ") && !one.text.contains("sharpen"))
  }

  @Test("A plug-in that says nothing of itself has its name alone on its line")
  func withoutSummary() throws {
    let run = try Acuity.run(["stages", "misbehaving", "--plugin", BuiltProducts.library("Misbehaving")])
    #expect(run.text.hasPrefix("misbehaving\n"))
  }

  @Test("The same as JSON")
  func json() throws {
    let run = try Acuity.run(["stages", "--json", "--plugin", BuiltProducts.library("ExampleC")])
    let list = try #require(try JSONSerialization.jsonObject(with: Data(run.output)) as? [[String: Any]])
    let sharpen = try #require(list.first { $0["name"] as? String == "sharpen" })
    let options = try #require(sharpen["options"] as? [[String: Any]])
    #expect(options.map { $0["name"] as? String } == ["amount", "radius", "threshold"])
    #expect(options[0]["kind"] as? String == "number")
    #expect(options[0]["minimum"] as? Double == 0 && options[0]["maximum"] as? Double == 5)
    #expect(options[0]["default"] as? String == "0.5" && options[0]["required"] as? Bool == false)
    let flatten = try #require(list.first { $0["name"] as? String == "flatten" })
    let color = try #require((flatten["options"] as? [[String: Any]])?.first)
    #expect(color["kind"] as? String == "color" && color["default"] as? String == "white")
    #expect((color["allowed"] as? String)?.hasPrefix("white, black, or red, green and blue") == true)
    let vignette = try #require(list.last)
    #expect(vignette["name"] as? String == "vignette")
    #expect(vignette["plugin"] as? String == BuiltProducts.library("ExampleC"))
  }

  @Test("A wrong name or plug-in is a mistake of use, and says what would be right")
  func mistakes() throws {
    let name = try Acuity.run(["stages", "sharpn"])
    #expect(name.code == 64 && name.errors.contains("did you mean 'sharpen'?"))
    for (library, reason) in [("NoEntry", "acuity_plugin_entry"), ("OtherVersion", "version 2")] {
      let run = try Acuity.run(["stages", "--plugin", BuiltProducts.library(library)])
      #expect(run.code == 64 && run.errors.contains(library) && run.errors.contains(reason))
    }
  }
}
