// swift-tools-version: 6.3

import PackageDescription

// MARK: - Settings

/// Compute-heavy targets stay optimized in debug builds: a debug build of an app that embeds Acuity, and
/// `swift test`, run at full speed.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"])]

/// Whatever reads untrusted bytes or names marks each expression that the compiler cannot check (`unsafe`), so that
/// those are the calls of C and of the system and nothing else.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]

/// One instruction set's kernels: a thin target over `Microkernel`, compiled with its own CPU flags.
/// The flags are for x86-64 alone; the manifest sees the host's architecture, so sources guard themselves too, and a build
/// for another architecture than the host's is none that runs fast.
func kernels(_ name: String, _ march: String?) -> Target {
  var flags = ["-O"]
  #if arch(x86_64)
    if let march { flags += ["-Xcc", "-march=\(march)"] }
  #endif
  return .target(name: name, dependencies: ["Microkernel"], swiftSettings: [.unsafeFlags(flags)])
}

/// The released program holds Swift's libraries: it starts in half the time, and runs where there is no Swift. It exports
/// nothing, so that plug-ins in Swift keep to their own. The archives are those of swift.org's toolchains, here the ones that
/// Foundation's needs; the linker is the toolchain's, for the system's complains of them.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-stdlib", "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-lCoreFoundation",
      "-l_FoundationICU", "-l_FoundationCShims", "-l_FoundationCollections",
    ], .when(platforms: [.linux], configuration: .release))
]

// MARK: - Targets

let engine: [Target] = [
  .target(name: "Microkernel", swiftSettings: optimized),
  kernels("KernelsBaseline", nil),
  kernels("KernelsAVX2", "x86-64-v3"),
  kernels("KernelsAVX512", "x86-64-v4"),
  kernels("KernelsNEON", nil),
  .target(
    name: "Convolution",
    dependencies: ["Microkernel", "KernelsBaseline", "KernelsAVX2", "KernelsAVX512", "KernelsNEON"],
    swiftSettings: optimized),
  .target(name: "Pixels", swiftSettings: optimized),
  // Weight files, untrusted input.
  .target(name: "Models", dependencies: ["Pixels"], swiftSettings: optimized + strict),
  .target(
    name: "SuperResolution", dependencies: ["Convolution", "Models", "Pixels"], swiftSettings: optimized),
  .target(
    name: "AcuityWeights", path: "Weights", exclude: ["README.md"],
    resources: [.copy("vdsr.safetensors"), .copy("fast.safetensors")]),
]

// The codecs of every picture program; the C shims over them keep `longjmp` out of Swift's frames.
let files: [Target] = [
  .systemLibrary(
    name: "CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
  .systemLibrary(
    name: "CLibJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
  .systemLibrary(
    name: "CLibWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
  // Photographs' PNG are deflated by it in a fifth of zlib's time; where it is not installed, by zlib.
  .systemLibrary(
    name: "CLibISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
  .target(name: "CPNG", dependencies: ["CLibPNG", "CLibISAL"], linkerSettings: [.linkedLibrary("z")]),
  .target(name: "CJPEG", dependencies: ["CLibJPEG"]),
  .target(name: "CWebP", dependencies: ["CLibWebP"]),
  .target(
    name: "ImageFiles", dependencies: ["Pixels", "CPNG", "CJPEG", "CWebP"], swiftSettings: optimized + strict),
]

let tools: [Target] = [
  .target(
    name: "Acuity",
    dependencies: ["Convolution", "Pixels", "Models", "SuperResolution", "ImageFiles", "AcuityWeights"]),
  // The interface that plug-ins are written against, in C.
  .target(name: "CAcuityPlugin"),
  .target(
    name: "Stages", dependencies: ["Acuity", "CAcuityPlugin", "Folders"], swiftSettings: optimized),
  .target(
    name: "Batch",
    dependencies: [
      "Acuity", "Stages", "Folders", "Ledger", "Pages",
      .product(name: "DequeModule", package: "swift-collections"),
      .product(name: "Yams", package: "Yams"),
    ],
    swiftSettings: strict),
  // Files by descriptor and byte names: reading, safe writing, locks. No dependencies.
  .target(name: "Folders", swiftSettings: strict),
  // Optimized: it hashes every input.
  .target(
    name: "Ledger",
    dependencies: [
      .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
    ],
    swiftSettings: optimized + strict),
  .target(
    name: "Watching",
    dependencies: [
      "Acuity", "Batch", "Folders", "Ledger", "Stages",
      .product(name: "DequeModule", package: "swift-collections"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    exclude: ["Service"]),
  .target(
    name: "Training",
    dependencies: ["Convolution", "Pixels", "SuperResolution", "ImageFiles", "Folders", "Pages"],
    swiftSettings: optimized),
  // Measures models against ground truth, which needs codecs; the inference library below knows none.
  .target(
    name: "Evaluation", dependencies: ["Pixels", "ImageFiles", "Pages"], swiftSettings: optimized),
  // What the HTML pages of all reports need.
  .target(name: "Pages"),
  // Draws the picture of `acuity demo`: millions of samples, hence optimized.
  .target(name: "DemoPictures", dependencies: ["Pixels"], swiftSettings: optimized),
  .executableTarget(
    name: "AcuityCommand",
    dependencies: [
      "Acuity", "Batch", "Convolution", "DemoPictures", "Evaluation", "Folders", "Ledger", "Microkernel",
      "Stages", "SuperResolution", "Training", "Watching",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    linkerSettings: selfContained),
]

let tests: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["Convolution", "Folders", "Pixels"], path: "Tests/TestSupport",
    // Bounds on Winograd's rounding are sums over all frequencies.
    swiftSettings: optimized),
  // Optimized: it sweeps shapes against the reference.
  .testTarget(
    name: "ConvolutionTests", dependencies: ["Convolution", "Microkernel", "TestSupport"],
    swiftSettings: optimized),
  .testTarget(name: "PixelsTests", dependencies: ["Pixels", "TestSupport"]),
  .testTarget(
    name: "SuperResolutionTests",
    dependencies: ["SuperResolution", "Models", "Convolution", "Pixels", "ImageFiles", "TestSupport"]),
  .testTarget(
    name: "ImageFilesTests", dependencies: ["ImageFiles", "Pixels", "CPNG", "CJPEG", "CWebP", "TestSupport"]),
  // What the fuzzers do with an input; they are built in a package of their own.
  .target(name: "FuzzProbes", dependencies: ["Acuity", "Stages"], path: "Tests/Fuzz/Sources/FuzzInput"),
  .testTarget(
    name: "StagesTests",
    dependencies: ["Stages", "Acuity", "CAcuityPlugin", "FuzzProbes", "ImageFiles", "Pixels", "TestSupport"],
    swiftSettings: optimized),
  .testTarget(
    name: "BatchTests", dependencies: ["Batch", "Folders", "Ledger", "Stages", "Acuity", "TestSupport"]),
  .testTarget(
    name: "LedgerTests",
    dependencies: ["Ledger", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
  .testTarget(name: "PagesTests", dependencies: ["Pages"]),
  .testTarget(name: "FoldersTests", dependencies: ["Folders", "Pixels", "TestSupport"]),
  .testTarget(
    name: "WatchingTests",
    dependencies: [
      "Watching", "Folders", "Ledger", "Batch", "Stages", "Acuity", "TestSupport",
      .product(name: "Logging", package: "swift-log"),
    ]),
  .testTarget(
    name: "TrainingTests",
    dependencies: [
      "Training", "Convolution", "SuperResolution", "Pixels", "ImageFiles", "Folders", "TestSupport",
    ]),
  .testTarget(
    name: "EvaluationTests",
    dependencies: ["Evaluation", "SuperResolution", "Pixels", "ImageFiles", "TestSupport"]),
  .testTarget(name: "AcuityTests", dependencies: ["Acuity", "DemoPictures", "TestSupport"]),
  .testTarget(
    name: "AcuityCommandTests",
    dependencies: [
      "AcuityCommand", "Acuity", "Batch", "Folders", "Ledger", "Stages", "Training", "Watching",
      "TestSupport",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ]),
]

/// Plug-ins as a user would write them: shared libraries that know nothing of Acuity but `acuity_plugin.h`. Two are
/// examples, the others misbehave in every way that the tests know.
let plugInNames = ["ExampleC", "ExampleSwift", "Misbehaving", "OtherVersion", "NoEntry"]
let plugIns: [Target] = plugInNames.map {
  .target(name: $0, dependencies: ["CAcuityPlugin"], path: "Tests/Plugins/\($0)")
}

// MARK: - Package

let package = Package(
  name: "acuity",
  // InlineArray and integer generics came with it.
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Acuity", targets: ["Acuity"]),
    // For programs that bring stages of their own.
    .library(name: "AcuityStages", targets: ["Stages"]),
    .executable(name: "acuity", targets: ["AcuityCommand"]),
  ] + plugInNames.map { .library(name: $0, type: .dynamic, targets: [$0]) },
  dependencies: [
    // Argument parsing, help and shell completions; the standard choice for Swift commands.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // The logging API of the Swift server ecosystem, so that an embedder's backend applies.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    // Queues that are taken from at the front. The services below need it too.
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.1.0"),
    // The ledger's database: SQLite with typed access and durable transactions.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // Signals and graceful shutdown of the watcher.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // Job files: a YAML parser that keeps line numbers, so that a mistake is reported where it stands.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: engine + files + tools + plugIns + tests,
  swiftLanguageModes: [.v6]
)

// Every Swift target is held to the same rules.
for target in package.targets where ![.system, .plugin].contains(target.type) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .treatAllWarnings(as: .error),
    ]
}
