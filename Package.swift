// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "stillpoint-package",
    products: [
        .executable(name: "stillpoint", targets: ["stillpoint"]),
        .executable(name: "stillpoint-guard", targets: ["stillpoint-guard"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CDeviceMapper", path: "CLibs/CDeviceMapper", pkgConfig: "devmapper",
            providers: [.apt(["libdevmapper-dev"])]),
        .systemLibrary(name: "CLVM", path: "CLibs/CLVM", providers: [.apt(["liblvm2-dev"])]),
        .systemLibrary(
            name: "CBlkid", path: "CLibs/CBlkid", pkgConfig: "blkid", providers: [.apt(["libblkid-dev"])]),
        .systemLibrary(
            name: "CDigest", path: "CLibs/CDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .target(name: "CLinux", path: "CLibs/CLinux", cSettings: [.define("_GNU_SOURCE")]),

        library("LinuxSystem", ["CLinux", system]),
        library("DeviceMapper", ["CDeviceMapper", "CLinux", "LinuxSystem"]),
        library("LVM", ["CLVM", "CLinux", "LinuxSystem", "SetModel", system]),
        library("BlockID", ["CBlkid", "LinuxSystem", system]),
        library("SetModel"),
        library("Metrics"),
        library("Catalog", ["LinuxSystem", "SetModel", grdb, system]),
        library("Documents", ["SetModel", system, yams]),
        library("Lifecycle", ["SetModel"]),
        library("Policies", ["Documents", "Lifecycle", "LinuxSystem", "SetModel", system]),
        library("Events", ["CLinux", "LinuxSystem", "SetModel", system]),
        library("Hooks", ["CDigest", "CLinux", "Documents", "LinuxSystem", "SetModel", system]),
        library("GuardProtocol", ["CLinux", "LinuxSystem", system]),
        library(
            "Snapshots",
            [
                "SetModel", "BlockID", "Catalog", "DeviceMapper", "GuardProtocol", "Hooks", "LVM", "LinuxSystem",
                subprocess, system,
            ]),
        library(
            "Simulation", ["SetModel", "Catalog", "GuardProtocol", "Hooks", "LinuxSystem", "Snapshots", system]),
        library(
            "Commands",
            [
                "Snapshots", "SetModel", "Catalog", "Documents", "Events", "Hooks", "Lifecycle", "LVM", "LinuxSystem",
                "Metrics", "Policies", argumentParser, system,
            ]),
        .executableTarget(
            name: "stillpoint", dependencies: ["Commands", "Hooks", "LVM", "LinuxSystem"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "stillpoint-guard",
            dependencies: ["CDeviceMapper", "CLinux", "DeviceMapper", "GuardProtocol", "LinuxSystem", system],
            swiftSettings: swiftSettings),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests("LinuxSystem", [system]),
        tests("BlockID", [system]),
        tests("LVM", ["LinuxSystem", "SetModel", "stillpoint", "TestSupport", system]),
        tests("Catalog", ["LinuxSystem", "SetModel", grdb, system]),
        tests(
            "Commands",
            ["Events", "Hooks", "Lifecycle", "Policies", "SetModel", "Simulation", "Snapshots", system]),
        .testTarget(
            name: "LabTests", dependencies: ["DeviceMapper", "stillpoint", "stillpoint-guard", "TestSupport"],
            swiftSettings: swiftSettings),
        tests("SetModel"),
        tests("Metrics"),
        .testTarget(
            name: "LifecycleTests", dependencies: ["Lifecycle", "SetModel"], exclude: ["Oracle"],
            swiftSettings: swiftSettings),
        tests("Policies", ["Documents", "Lifecycle", "SetModel", system]),
        tests("Events", ["LinuxSystem", "SetModel", system]),
        tests("Hooks", ["Documents", "SetModel", "stillpoint", "TestSupport", system]),
        tests("DeviceMapper", ["LinuxSystem", system]),
        tests("GuardProtocol", ["CLinux", "LinuxSystem", system]),
        tests(
            "Snapshots",
            [
                "Catalog", "GuardProtocol", "Hooks", "LinuxSystem", "SetModel", "Simulation", "stillpoint",
                "TestSupport", system,
            ]),
    ]
)
