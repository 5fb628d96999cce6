import Foundation
import Glibc
import Synchronization

/// Appends an increasing number to a file on each of several volumes, in order, each one fsynced before the next, as
/// fast as it can: at any instant n1 >= n2 >= ... >= n1 - 1.
final class OrderedWriter: Sendable {
    private let files: [String]
    private let pauseMs: UInt32
    private let isRunning = Atomic<Bool>(true)
    private let failure = Mutex<String?>(nil)
    private let written = Atomic<UInt64>(0)
    private let ended = DispatchSemaphore(value: 0)
    private let isAskedToRest = Atomic<Bool>(false)
    private let rests = DispatchSemaphore(value: 0)
    private let goesOn = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - directories: one on each volume.
    ///   - pauseMs: between two numbers: where others are to have the emulated processor, too.
    init(_ directories: [String], pauseMs: UInt32 = 0) {
        files = directories.map { $0 + "/counter" }
        self.pauseMs = pauseMs
        Thread { [self] in
            write()
            isRunning.store(false, ordering: .sequentiallyConsistent)
            rests.signal()
            ended.signal()
        }.start()
    }

    /// The number that was last written to every volume.
    var count: UInt64 { written.load(ordering: .sequentiallyConsistent) }

    /// Runs `body` while nothing is written: an emulated processor has better things to do.
    func resting<T>(_ body: () throws -> T) rethrows -> T {
        guard isRunning.load(ordering: .sequentiallyConsistent) else { return try body() }
        isAskedToRest.store(true, ordering: .sequentiallyConsistent)
        rests.wait()
        defer {
            isAskedToRest.store(false, ordering: .sequentiallyConsistent)
            goesOn.signal()
        }
        return try body()
    }

    /// Ends the writer; throws when it could not write.
    func stop() throws {
        if isRunning.exchange(false, ordering: .sequentiallyConsistent) { ended.wait() }
        if let failure = failure.withLock({ $0 }) { throw ChildError(description: failure) }
    }

    private func write() {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for file in files {
            let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return fail("open", file) }
            descriptors.append(descriptor)
        }
        // An emulated machine has one processor, where servers have one for each of both: what is tested comes first.
        guard setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5) == 0 else {
            return fail("setpriority", "of the writer")
        }
        var number: UInt64 = 0
        while isRunning.load(ordering: .sequentiallyConsistent) {
            if isAskedToRest.load(ordering: .sequentiallyConsistent) {
                rests.signal()
                goesOn.wait()
            }
            number += 1
            for (index, descriptor) in descriptors.enumerated() {
                var value = number.littleEndian
                // The last record is the number; appending makes the file's size change too, as a log's does.
                guard pwrite(descriptor, &value, 8, off_t((number - 1) % 65_536) * 8) == 8, fsync(descriptor) == 0
                else { return fail("write", files[index]) }
            }
            written.store(number, ordering: .sequentiallyConsistent)
            if pauseMs > 0 { usleep(pauseMs * 1000) }
        }
    }

    private func fail(_ call: String, _ file: String) {
        let text = "\(call) \(file): \(String(cString: strerror(errno)))"
        failure.withLock { $0 = text }
    }

    /// The greatest number in the file of a mounted snapshot; 0 for an empty or missing one.
    static func number(in directory: String) -> UInt64 {
        guard let data = FileManager.default.contents(atPath: directory + "/counter") else { return 0 }
        var greatest: UInt64 = 0
        data.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count / 8 * 8, by: 8) {
                greatest = max(
                    greatest, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
        }
        return greatest
    }

    /// Whether the numbers can have stood on the volumes at one instant.
    static func isOneInstant(_ numbers: [UInt64]) -> Bool {
        guard let first = numbers.first, let last = numbers.last else { return true }
        return zip(numbers, numbers.dropFirst()).allSatisfy { $0 >= $1 } && last + 1 >= first
    }
}
