// swift-tools-version: 6.3

import PackageDescription

// A package as a user would write it. The tests put the place of a tagged copy of Acuity here.
let package = Package(
  name: "Consumer",
  platforms: [.macOS(.v26)],
  dependencies: [.package(url: "ACUITY", exact: "1.0.0")],
  targets: [
    .executableTarget(name: "Consumer", dependencies: [.product(name: "Acuity", package: "acuity")])
  ]
)
