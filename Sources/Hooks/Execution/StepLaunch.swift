import CLinux
import Glibc
import SystemPackage

/// A step's program, words, environment and user, all looked up.
struct StepLaunch {
    private let program: String
    private let words: [String]
    private let environment: [String]
    private let directory: String
    private let user: StepUser?
    /// The script in memory; the interpreter reads it as descriptor 3.
    private let script: [UInt8]?

    /// - Parameter users: those of the step, by name.
    init(
        _ step: HookStep, _ variables: [String: String], users: [String: StepUser]
    ) throws(StepProcess.StartError) {
        var variables = variables.merging(step.environment) { $1 }
        let name = step.runAs ?? "root"
        if let found = users[name] {
            variables.merge(found.variables) { own, _ in own }
            user = step.runAs == nil ? nil : found
        } else {
            guard step.runAs == nil else { throw StepProcess.StartError(reason: "there is no user \(name)") }
            user = nil
        }
        directory = step.directory ?? "/"
        switch step.command {
        case .program(let argv):
            words = argv
            script = nil
        case .shell(let text):
            words = Self.interpreter(of: text) + ["/proc/self/fd/3"]
            script = Array(text.utf8)
        }
        guard let found = Self.find(words[0]) else {
            throw StepProcess.StartError(reason: "\(words[0]) is not there, or no executable file")
        }
        program = found
        environment = variables.map { "\($0.key)=\($0.value)" }.sorted()
    }

    func start(
        input: Int32, output: Int32, errors: Int32, group: Int32
    ) throws(StepProcess.StartError) -> pid_t {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let memory = script.map { sp_memfile("stillpoint-step", $0) } ?? -1
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        let path = strdup(program)
        let place = strdup(directory)
        defer {
            for pointer in arguments + variables + [path, place] { free(pointer) }
            if null >= 0 { close(null) }
            if memory >= 0 { close(memory) }
        }
        guard null >= 0, script == nil || memory >= 0 else {
            throw StepProcess.StartError(reason: String(cString: strerror(errno)))
        }
        var groups = user?.groups ?? []
        var call: UnsafePointer<CChar>?
        var code: Int32 = 0
        let pid = arguments.withUnsafeMutableBufferPointer { arguments in
            variables.withUnsafeMutableBufferPointer { variables in
                groups.withUnsafeMutableBufferPointer { groups in
                    var step = sp_step()
                    step.program = UnsafePointer(path)
                    step.arguments = UnsafePointer(arguments.baseAddress)
                    step.environment = UnsafePointer(variables.baseAddress)
                    step.directory = UnsafePointer(place)
                    step.input = input >= 0 ? input : null
                    step.output = output
                    step.errors = errors
                    step.script = memory
                    step.cgroup = group
                    step.changes_user = user == nil ? 0 : 1
                    step.user = user?.uid ?? 0
                    step.group = user?.gid ?? 0
                    step.groups = UnsafePointer(groups.baseAddress)
                    step.group_count = groups.count
                    let pid = sp_step_start(&step, &call)
                    code = errno
                    return pid
                }
            }
        }
        guard pid > 0 else {
            let what = call.map { String(cString: $0) } ?? "start"
            throw StepProcess.StartError(reason: "\(what) \(program): \(String(cString: strerror(code)))")
        }
        return pid
    }

    /// The words of a script's first line (`#!/bin/bash -e`), as the kernel splits them; `/bin/sh` without one.
    static func interpreter(of script: String) -> [String] {
        let line = script.prefix { $0 != "\n" && $0 != "\r\n" }
        guard line.hasPrefix("#!") else { return ["/bin/sh"] }
        let words = line.dropFirst(2).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let program = words.first else { return ["/bin/sh"] }
        let option = words.dropFirst().first.map { $0.drop { $0 == " " || $0 == "\t" } }
        return [String(program)] + (option.map { $0.isEmpty ? [] : [String($0)] } ?? [])
    }

    private static func find(_ program: String) -> String? {
        func isProgram(_ path: String) -> Bool {
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
        if program.contains("/") { return isProgram(program) ? program : nil }
        return HookEnvironment.path.split(separator: ":").map { $0 + "/" + program }.first(where: isProgram)
    }
}

/// A file in memory with that content, to be read from its beginning; -1 with errno.
private func sp_memfile(_ name: String, _ content: [UInt8]) -> Int32 {
    let file = CLinux.sp_memfile(name)
    guard file >= 0 else { return -1 }
    guard (try? FileDescriptor(rawValue: file).writeAll(content)) != nil, lseek(file, 0, SEEK_SET) == 0 else {
        close(file)
        return -1
    }
    return file
}
