/// Capital letters, figures and some signs as lines: for labels, and for the fine print in the demo's picture.
enum StrokeFont {
  /// Lines on a grid 4 wide and 6 high, `x y` by `x y`, y down; lines separated by `/`.
  private static let glyphs: [Character: String] = [
    "A": "06 20 46/14 34", "B": "06 00 30 41 42 33 03/33 44 45 36 06", "C": "41 30 10 01 05 16 36 45",
    "D": "06 00 20 42 44 26 06", "E": "40 00 06 46/03 33", "F": "40 00 06/03 33",
    "G": "41 30 10 01 05 16 36 45 43 23", "H": "00 06/40 46/03 43", "I": "20 26/10 30/16 36",
    "J": "40 45 36 16 05", "K": "00 06/40 03 46", "L": "00 06 46", "M": "06 00 23 40 46",
    "N": "06 00 46 40", "O": "10 30 41 45 36 16 05 01 10", "P": "06 00 30 41 42 33 03",
    "Q": "10 30 41 45 36 16 05 01 10/24 46", "R": "06 00 30 41 42 33 03/23 46",
    "S": "41 30 10 01 02 13 33 44 45 36 16 05", "T": "00 40/20 26", "U": "00 05 16 36 45 40",
    "V": "00 26 40", "W": "00 16 23 36 40", "X": "00 46/40 06", "Y": "00 23 40/23 26", "Z": "00 40 06 46",
    "d": "40 46/44 33 13 04 05 16 36 45", "0": "10 30 41 45 36 16 05 01 10/41 05", "1": "11 20 26/16 36",
    "2": "01 10 30 41 42 06 46",
    "3": "01 10 30 41 42 33 23/33 44 45 36 16 05", "4": "30 04 44/30 36", "5": "40 00 03 33 44 45 36 06",
    "6": "40 20 02 05 16 36 45 44 33 03", "7": "00 40 16",
    "8": "10 30 41 42 33 13 02 01 10/13 04 05 16 36 45 44 33",
    "9": "06 26 44 41 30 10 01 02 13 43", ".": "15 15", ",": "25 16", "-": "13 33", "+": "13 33/22 24",
    ":": "12 12/15 15", "/": "06 40", "x": "13 35/33 15", "(": "30 11 15 36", ")": "10 31 35 16",
  ]

  /// The lines of a text whose capitals are `height` high, beginning at `origin`, its upper left corner.
  static func lines(_ text: String, at origin: Point, height: Double) -> [[Point]] {
    let unit = height / 6
    var result: [[Point]] = []
    for (index, character) in text.enumerated() {
      let left = origin.x + Double(index) * advance * unit
      for line in (glyphs[character] ?? "").split(separator: "/") {
        result.append(
          line.split(separator: " ").map { pair in
            let digits = pair.utf8.map { Double($0) - 48 }
            return Point(left + digits[0] * unit, origin.y + digits[1] * unit)
          })
      }
    }
    return result
  }

  /// From one character to the next, in sixths of the height.
  private static let advance = 5.6
}
