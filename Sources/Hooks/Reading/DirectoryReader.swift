import Documents
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// Makes a document of a directory of programs: those of `pre.d` in order and of `post.d` in reverse order, or, without
/// these two, the programs of the directory itself, called with `freeze` before and with `thaw`, in reverse order, after.
struct DirectoryReader {
    let directory: FilePath
    let folder: FilePath
    let name: String

    /// What packages and editors leave behind, as qemu-ga's fsfreeze-hook leaves it out.
    private static let ignoredEndings = [
        "~", ".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave", ".sample", ".dpkg-old", ".dpkg-new", ".dpkg-tmp",
        ".dpkg-dist", ".dpkg-bak", ".dpkg-backup", ".dpkg-remove", ".swp",
    ]

    func document() throws -> HookDocument {
        try SafeDirectory.verify(directory)
        var document = HookDocument(name: name, file: directory, format: .directory)
        let programs: [FilePath]
        if ["pre.d", "post.d"].contains(where: { isDirectory(directory.appending($0)) }) {
            let pre = try self.programs(directory.appending("pre.d"))
            let post = try self.programs(directory.appending("post.d"))
            document.pre = pre.map { step("pre", $0, []) }
            document.post = post.reversed().map { step("post", $0, []) }
            programs = pre + post
        } else {
            programs = try self.programs(directory)
            document.format = .freezeHooks
            document.pre = programs.map { step("freeze", $0, ["freeze"]) }
            document.post = programs.reversed().map { step("thaw", $0, ["thaw"]) }
        }
        guard !programs.isEmpty else { throw DocumentError(directory, "there is no executable file in it") }
        document.sha256 = try HookDigest.of(programs, in: directory, below: folder)
        return document
    }

    private func step(_ stage: String, _ program: FilePath, _ words: [String]) -> HookStep {
        let file = program.lastComponent?.string ?? ""
        let id = String(file.map { PlainName.isID(String($0)) ? $0 : "_" }.prefix(56))
        return HookStep(id: stage + "-" + id, command: .program([program.string] + words))
    }

    /// The executable files of a directory, sorted by name.
    private func programs(_ directory: FilePath) throws -> [FilePath] {
        guard isDirectory(directory) else { return [] }
        var programs: [FilePath] = []
        for entry in try DirectoryListing.names(directory)
        where !entry.hasPrefix(".") && !Self.ignoredEndings.contains(where: entry.hasSuffix) {
            let path = directory.appending(entry)
            guard !isDirectory(path), path.withPlatformString({ access($0, X_OK) }) == 0 else { continue }
            programs.append(try SafeFile.verify(path, below: folder))
        }
        return programs
    }

    private func isDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
