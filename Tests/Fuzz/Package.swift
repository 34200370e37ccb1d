// swift-tools-version: 6.3

import PackageDescription

/// One executable a parser, each with libFuzzer's main function instead of its own; see README.md. A package of its
/// own, because such targets link only with `--sanitize=fuzzer`.
let parsers = ["PNG", "JPEG", "WebP", "Model", "Stages"]

let package = Package(
  name: "acuity-fuzz",
  platforms: [.macOS(.v26)],
  products: parsers.map { .executable(name: "Fuzz\($0)", targets: ["Fuzz\($0)"]) }
    + [.executable(name: "FuzzSeeds", targets: ["FuzzSeeds"])],
  dependencies: [
    // The package under test; named, for the folder that it is cloned into may have any name.
    .package(name: "acuity", path: "../..")
  ],
  targets: [
    // What is done with an input, and the mending of mutated ones: without the fuzzer, so that the seeds' maker can
    // check itself by it.
    .target(
      name: "FuzzInput",
      dependencies: [
        .product(name: "Acuity", package: "acuity"), .product(name: "AcuityStages", package: "acuity"),
      ]),
    .executableTarget(name: "FuzzSeeds", dependencies: ["FuzzInput"]),
  ]
    + parsers.map {
      .executableTarget(
        name: "Fuzz\($0)", dependencies: ["FuzzInput"],
        // One file and no main function: libFuzzer brings it.
        swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    },
  swiftLanguageModes: [.v6]
)
