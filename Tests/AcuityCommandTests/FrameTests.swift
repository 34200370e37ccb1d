import Dispatch
import Folders
import Synchronization
import TestSupport
import Testing

@testable import AcuityCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Parts that the commands share")
struct FrameTests {
  @Test("The same signal at the same moment is one, as `timeout` sends it")
  func echoes() {
    let first = Interrupts.moment(of: SIGTERM, at: 7_000_000_000)
    func isEcho(_ number: Int32, milliseconds: Int) -> Bool {
      let time = UInt64(7_000_000_000 + milliseconds * 1_000_000)
      return Interrupts.isEcho(Interrupts.moment(of: number, at: time), of: first)
    }
    #expect(isEcho(SIGTERM, milliseconds: 0) && isEcho(SIGTERM, milliseconds: 40))
    // Two threads may come the other way round.
    #expect(isEcho(SIGTERM, milliseconds: -1))
    #expect(!isEcho(SIGTERM, milliseconds: 60) && !isEcho(SIGINT, milliseconds: 0))
    // The first of all.
    #expect(!Interrupts.isEcho(first, of: 0))
  }

  @Test("Amounts of memory as people write them")
  func byteCounts() {
    let cases: [(String, Int?)] = [
      ("65536", 65536), ("1K", 1024), ("512M", 512 << 20), ("2G", 2 << 30), ("1.5GiB", 3 << 29),
      ("2gb", 2 << 30), ("1T", 1 << 40), ("", nil), ("0", nil), ("-1", nil), ("G", nil), ("1e3", nil),
      ("99999999T", nil), ("1..2", nil), ("12X", nil),
    ]
    for (text, bytes) in cases { #expect(ByteCount(argument: text)?.bytes == bytes, "\(text)") }
    #expect("\(ByteCount(3 << 29))" == "1.5G")
    #expect("\(ByteCount(2 << 30))" == "2G")
    #expect("\(ByteCount(1000))" == "1000")
    #expect("\(ByteCount(25 << 19))" == "12.5M" && "\(ByteCount(201 << 19))" == "101M")
  }

  @Test("The most memory that a process has had, of little and of more than ten gigabytes")
  func peakMemory() {
    for kilobytes in [4, 57_344, 9_999_999, 10_000_000, 123_456_789] {
      let digits = String(kilobytes)
      let padded = String(repeating: " ", count: max(0, 8 - digits.count)) + digits
      let status = "VmSize:\t  812032 kB\nVmHWM:\t\(padded) kB\nVmRSS:\t   57000 kB\n"
      #expect(Machine.peakMemory(inStatus: status) == 1024 * kilobytes)
    }
    #expect(Machine.peakMemory(inStatus: "Name:\tacuity\n") == 0)
  }

  @Test("A pipe that does not block gets all that is written, however slowly it is read")
  func slowPipe() throws {
    let pipe = try Descriptor.pipe()
    try Descriptor.makeNonBlocking(pipe.write)
    let text = String(repeating: "0123456789", count: 100_000)
    let code = Mutex<Int32>(-1)
    DispatchQueue.global().async {
      let result = Console.write(text, to: pipe.write)
      code.withLock { $0 = result }
      close(pipe.write)
    }
    let received = try Descriptor.read(pipe.read, name: "the pipe")
    close(pipe.read)
    #expect(received.count == text.utf8.count)
    #expect(code.withLock { $0 } == 0)
  }

  @Test(
    "File names as a shell takes them",
    arguments: [
      ("a/b-1.png", "a/b-1.png"), ("my photo.png", "'my photo.png'"), ("it's.png", #"'it'\''s.png'"#),
      ("$(x)", "'$(x)'"), ("-n", "./-n"), ("a\nb", #"$'a\x0ab'"#), ("\u{e9}.png", "'\u{e9}.png'"),
    ])
  func shellNames(name: String, expected: String) throws {
    #expect(Text.shell(Path(Array(name.utf8))) == expected)
    // Not every plain shell knows $'...'.
    let shell = expected.hasPrefix("$'") ? "/bin/bash" : "/bin/sh"
    let run = try Run(path: shell, ["-c", "printf %s \(expected)"]).wait()
    #expect(run.text == (name == "-n" ? "./-n" : name), "\(run.errors)")
    #expect(Text.shell(Path([0xff, 0x61])) == #"$'\xffa'"#)
  }

  @Test("Numbers with decimals")
  func fixed() {
    #expect(Text.fixed(1.005, 0) == "1")
    #expect(Text.fixed(-0.001, 2) == "0.00")
    #expect(Text.fixed(12.3, 2) == "12.30")
    #expect(Text.fixed(-2.55, 1) == "-2.6" || Text.fixed(-2.55, 1) == "-2.5")
    #expect(Text.fixed(0.05, 2) == "0.05")
    #expect(Text.fixed(.infinity, 2) == "inf")
  }

  @Test("Times as a clock shows them")
  func clocks() {
    #expect(clock(0) == "0:00")
    #expect(clock(185.4) == "3:05")
    #expect(clock(3750) == "1:02:30")
    #expect(clock(.infinity) == "99:59:59")
  }
}
