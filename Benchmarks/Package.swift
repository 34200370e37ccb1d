// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that whoever depends on Acuity does not also get the benchmark framework.
let package = Package(
  name: "acuity-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    // The package that is measured; named, for the folder that it is cloned into may have any name.
    .package(name: "acuity", path: ".."),
    // Runs, statistics and export. Its traits count allocations and reference counts, which nothing here asks for.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Suites",
      dependencies: [
        .product(name: "Acuity", package: "acuity"),
        // Measures what is not public: `acuity bench conv` and `acuity bench training`.
        .product(name: "acuity", package: "acuity"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Suites",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .plugin {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
  ]
}
