import Batch
import Foundation
import TestSupport
import Testing

/// The report as a reader gets it: opened from the disk in a real browser.
@Suite struct ReportInBrowserTests {
  private static let browser: String? = {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.flatMap { folder in names.map { "\(folder)/\($0)" } }
      .first { path in
        // Under some systems the name is there, and what it stands for is not.
        guard FileManager.default.isExecutableFile(atPath: path), let folder = try? TemporaryFolder(),
          let run = try? Run(path: path, headless(folder) + ["--dump-dom", "about:blank"])
        else { return false }
        return withExtendedLifetime(folder) { run.wait().code == 0 }
      }
  }()

  private static func headless(_ folder: TemporaryFolder) -> [String] {
    [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(folder.path)/profile",
    ]
  }

  /// Does what a reader would do and writes down what came of it.
  private static let reader = """
    <script>{
    const seen = { errors: window.mistakes };
    const rows = () => [...document.querySelectorAll("tbody tr")];
    seen.rows = rows().length;
    seen.hostile = rows().some(row => row.cells[0].textContent.endsWith("<img src=x onerror=alert(1)>&amp;.png"));
    seen.pictures = [...document.images].map(image => image.complete && image.naturalWidth > 0);
    const box = document.querySelector(".compare"), slider = box.querySelector("input");
    const clip = () => getComputedStyle(box.querySelector(".after")).clipPath;
    seen.clips = ["25", "80"].map(value => {
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
      return clip();
    });
    const result = document.getElementById("result");
    result.value = "failed";
    result.dispatchEvent(new Event("input"));
    seen.failed = rows().filter(row => !row.hidden).length;
    result.value = "";
    const search = document.getElementById("search");
    search.value = "PLAIN";
    search.dispatchEvent(new Event("input"));
    seen.found = rows().filter(row => !row.hidden).length;
    search.value = "";
    search.dispatchEvent(new Event("input"));
    const size = document.querySelectorAll("th")[2];
    const keys = () => rows().map(row => Number(row.cells[2].dataset.key));
    size.click();
    seen.ascending = keys();
    size.click();
    seen.descending = keys();
    seen.loaded = performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:"));
    const out = document.createElement("pre");
    out.id = "seen";
    out.textContent = btoa(JSON.stringify(seen));
    document.body.append(out);
    }</script>
    """

  /// Runs the browser over a page.
  private func open(_ page: String, in folder: TemporaryFolder, _ arguments: String...) throws -> Run.Result {
    let run = try Run(
      path: try #require(Self.browser),
      Self.headless(folder) + [
        "--hide-scrollbars", "--enable-logging=stderr", "--window-size=1200,1600",
      ] + arguments + ["file://\(page)"])
    return run.wait()
  }

  private struct Seen: Decodable {
    var errors: [String]
    var rows: Int
    var hostile: Bool
    var pictures: [Bool]
    var clips: [String]
    var failed: Int
    var found: Int
    var ascending: [Int]
    var descending: [Int]
    var loaded: [String]
  }

  @Test(.enabled(if: browser != nil, "needs chromium or google-chrome in PATH"))
  func `rows, sliders, filters and sorting work, without an error or a request`() async throws {
    let folder = try TemporaryFolder()
    let (summary, job) = try await BatchReportTests.run(folder)
    let report = BatchReport(summary, job: job, title: "acuity run", started: Date())
    let samples = await ReportSample.take(4, from: summary, job: job, coder: InProcessCoder())
    try report.write(to: bytes(folder.path + "/report"), samples: samples)
    let page = folder.path + "/report/report.html"

    // As it is: nothing on the console.
    let plain = try open(page, in: folder, "--screenshot=\(folder.path)/page.png")
    #expect(!plain.errors.contains("CONSOLE"), "\(plain.errors)")
    let shot = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/page.png"))
    #expect(shot.count > 20_000)
    if let kept = ProcessInfo.processInfo.environment["ACUITY_KEEP_SCREENSHOT"] {
      try shot.write(to: URL(fileURLWithPath: kept))
    }

    // With a reader's hands.
    let html = String(decoding: try #require(try folder.content("report/report.html")), as: UTF8.self)
    let watched = html.replacing(
      "<style>", with: "<script>window.mistakes = []; onerror = text => mistakes.push(text)</script><style>"
    ).replacing("</body>", with: Self.reader + "</body>")
    try folder.put(bytes(watched), "report/watched.html")
    let read = try open(folder.path + "/report/watched.html", in: folder, "--dump-dom")
    let mark = "<pre id=\"seen\">"
    let start = try #require(read.text.range(of: mark)?.upperBound, "\(read.errors)")
    let text = read.text[start...].prefix { $0 != "<" }
    let seen = try JSONDecoder().decode(
      Seen.self, from: try #require(Data(base64Encoded: String(text))))
    #expect(seen.errors.isEmpty && seen.loaded.isEmpty)
    #expect(seen.rows == 10 && seen.hostile)
    #expect(seen.pictures.count == 8 && seen.pictures.allSatisfy { $0 })
    #expect(seen.clips == ["inset(0px 0px 0px 25%)", "inset(0px 0px 0px 80%)"])
    #expect(seen.failed == 1 && seen.found == 1)
    #expect(seen.ascending == seen.ascending.sorted() && seen.descending == seen.ascending.reversed())
    #expect(seen.ascending.last == 67 * 40)
  }
}
