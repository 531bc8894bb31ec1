// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "inferencekey",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ik", targets: ["ik"]),
        .library(name: "InferenceKey", targets: ["InferenceKey"]),
        // The C library. No other product may have its name: SwiftPM would silently drop one.
        .library(name: "inferencekey", type: .dynamic, targets: ["InferenceKeyABI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // What crosses a process. No I/O, no Foundation.
        .target(name: "InferenceKeyWire"),
        // One HTTP/1.1 client for the SDK, the worker and the Gateway's feed. No Foundation.
        .target(
            name: "Transport",
            dependencies: [
                "CSockets", "InferenceKeyWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        // Sockets that never block, and waiting for many of them.
        .target(name: "CSockets"),
        // The SDK: the one client core. No Foundation.
        .target(name: "InferenceKey", dependencies: ["InferenceKeyWire", "Transport"]),
        // The C ABI: the header is written by hand, the bodies are checked against it.
        .target(name: "CInferenceKey"),
        .target(
            name: "InferenceKeyABI", dependencies: ["CInferenceKey", "InferenceKey", "InferenceKeyWire", "Transport"]),
        // Files read, replaced and locked: the one place for what a service does with the disk.
        .target(name: "Files", dependencies: ["InferenceKeyWire"]),
        // The nouns and their laws. No I/O.
        .target(
            name: "Fleet",
            dependencies: [
                "InferenceKeyWire",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        // Pure decisions: placement, rollout.
        .target(name: "Planning", dependencies: ["Fleet", "InferenceKeyWire"]),
        .target(
            name: "Manager",
            dependencies: [
                "Files", "Fleet", "InferenceKeyWire", "Planning",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "SQLiteStore",
            dependencies: [
                "Files", "Fleet", "InferenceKeyWire", "Manager",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "Files", "Fleet", "InferenceKeyWire", "Transport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Worker",
            dependencies: [
                "CSpawn", "Files", "Fleet", "InferenceKeyWire", "Transport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        // One posix_spawn with its own session, working directory and log file.
        .target(name: "CSpawn"),
        // One file per backend.
        .target(name: "Engines", dependencies: ["Files", "Fleet", "InferenceKeyWire", "Transport", "Worker"]),
        // What the `ik` command reads and prints: workload files, tables, progress, exit codes, its data folder.
        .target(
            name: "Console",
            dependencies: [
                "Files", "InferenceKeyWire",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "ik",
            dependencies: [
                "Console", "Engines", "Files", "Fleet", "Gateway", "InferenceKey", "InferenceKeyWire", "Manager",
                "SQLiteStore",
                "Transport", "Worker",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // Tests. A small HTTP server on loopback that does what a test tells it.
        .target(
            name: "LoopbackServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/LoopbackServer"
        ),
        // Tests. The in-memory twins of the ports.
        .target(
            name: "FleetTesting", dependencies: ["Fleet", "InferenceKeyWire", "Manager"], path: "Tests/FleetTesting"),
        .testTarget(
            name: "SQLiteStoreTests",
            dependencies: [
                "Fleet", "FleetTesting", "InferenceKeyWire", "Manager", "SQLiteStore",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "ManagerTests",
            dependencies: [
                "Fleet", "FleetTesting", "InferenceKeyWire", "Manager", "Planning", "SQLiteStore", "Transport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Files", "Fleet", "Gateway", "InferenceKeyWire", "Transport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Secure/Certificates"]
        ),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "Files", "InferenceKeyWire"]),
        .testTarget(name: "FleetTests", dependencies: ["Fleet", "InferenceKeyWire"]),
        .testTarget(name: "PlanningTests", dependencies: ["Fleet", "InferenceKeyWire", "Planning"]),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Engines", "Files", "Fleet", "InferenceKeyWire", "LoopbackServer", "Transport", "Worker",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "EnginesTests",
            dependencies: [
                "Engines", "Files", "Fleet", "InferenceKeyWire", "LoopbackServer", "Transport", "Worker",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // The cases of conformance/.
        .target(name: "ConformanceVectors", dependencies: ["InferenceKeyWire"], path: "Tests/ConformanceVectors"),
        .testTarget(name: "InferenceKeyWireTests", dependencies: ["ConformanceVectors", "InferenceKeyWire"]),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "CSockets", "LoopbackServer", "Transport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Certificates"]
        ),
        .testTarget(
            name: "InferenceKeyTests",
            dependencies: [
                "ConformanceVectors", "InferenceKey", "InferenceKeyWire", "LoopbackServer", "Transport",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where !["CInferenceKey", "CSockets", "CSpawn"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
