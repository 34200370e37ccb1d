import Testing

@testable import Convolution

@Suite struct CacheSizesTests {
  @Test(
    arguments: [
      ("32K", 32 << 10), ("1024K", 1 << 20), ("2M", 2 << 20), ("512", 512), ("", nil), ("K", nil),
      ("0K", nil),
      ("-4K", nil), ("99999999999999999999K", nil), ("4G", nil),
    ] as [(String, Int?)])
  func sizesAreRead(_ text: String, _ bytes: Int?) {
    #expect(CacheSizes.bytes(text) == bytes)
  }

  @Test(arguments: [("0", 1), ("0-3", 4), ("0-1,8-9", 4), ("0,4", 2), ("", 0), ("x", 0), ("3-1", 0)])
  func processorsAreCounted(_ list: String, _ count: Int) {
    #expect(CacheSizes.processors(list) == count)
  }

  @Test(arguments: [
    (WinogradTile.f4, 64, InstructionSet.avx2, CacheSizes(firstLevel: 32 << 10, secondLevel: 1 << 20), 48),
    (.f6, 64, .avx2, CacheSizes(firstLevel: 32 << 10, secondLevel: 1 << 20), 36),
    (.f6, 64, .avx512, CacheSizes(firstLevel: 32 << 10, secondLevel: 1 << 20), 36),
    (.f6, 64, .avx2, CacheSizes(firstLevel: 32 << 10, secondLevel: 256 << 10), 6),
    (.f6, 96, .avx2, CacheSizes(firstLevel: 32 << 10, secondLevel: 1 << 20), 12),
    (.f6, 512, .avx512, CacheSizes(firstLevel: 16 << 10, secondLevel: 128 << 10), 6),
    (.f4, 16, .avx512, CacheSizes(firstLevel: 128 << 10, secondLevel: 4 << 20), 96),
  ])
  func blocksFitTheCaches(
    _ tile: WinogradTile, _ channels: Int, _ set: InstructionSet, _ caches: CacheSizes, _ tiles: Int
  ) {
    let layout = PackedLayout(inputChannels: channels, outputChannels: channels, instructionSet: set)
    #expect(WinogradWeights.tilesAtOnce(layout, tile, caches) == tiles)
  }

  @Test func theMachinesAreSensible() {
    #expect((4 << 10...1 << 20).contains(CacheSizes.machine.firstLevel))
    #expect((32 << 10...64 << 20).contains(CacheSizes.machine.secondLevel))
  }
}
