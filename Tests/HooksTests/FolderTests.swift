import Foundation
import SystemPackage
import Testing

@testable import Hooks

/// Which files are taken, and which are refused.
struct FolderTests {
    private let good = "pre: [{id: a, argv: [a]}]"

    @Test("what others could change is refused")
    func unsafe() throws {
        let folder = try Folder()
        try folder.write("a.yaml", good, mode: 0o664)
        #expect(folder.refusal("a").contains("a.yaml has mode 0664, so that others can change it: chmod go-w"))
        try folder.write("b.yaml", good)
        #expect(chmod(folder.path.string, 0o777) == 0)
        #expect(folder.refusal("b").contains("chmod go-w"))
        #expect(chmod(folder.path.string, 0o755) == 0)
        _ = try folder.hooks.document(named: "b")
        let outside = try Folder()
        try outside.write("c.yaml", good)
        symlink(outside.path.appending("c.yaml").string, folder.path.appending("c.yaml").string)
        #expect(folder.refusal("c").contains("leads out of its directory"))
        symlink("b.yaml", folder.path.appending("d.yaml").string)
        _ = try folder.hooks.document(named: "d")
        mkfifo(folder.path.appending("e.yaml").string, 0o600)
        #expect(folder.refusal("e").contains("no regular file"))
        try folder.write("f.yaml", String(repeating: "#", count: 1 << 20) + "\n" + good)
        #expect(folder.refusal("f").contains("larger than"))
        try folder.write("g.json", good)
        try folder.write("g.yaml", good)
        #expect(folder.refusal("g").contains("remove or rename all but one"))
        #expect(folder.refusal("../etc/passwd").contains("cannot name a hook document"))
        #expect(folder.refusal("h").contains("there is no hook document h"))
    }

    @Test("a file of another user is refused", .enabled(if: geteuid() == 0, "needs root"))
    func owner() throws {
        let folder = try Folder()
        let file = try folder.write("a.yaml", good)
        #expect(chown(file.string, 65534, 65534) == 0)
        #expect(folder.refusal("a").contains("belongs to uid 65534"))
    }

    @Test("pre.d and post.d, the second in reverse order, without what editors leave")
    func stages() throws {
        let folder = try Folder()
        for name in ["pre.d/20-b", "pre.d/10-a", "pre.d/10-a~", "pre.d/x.dpkg-old", "post.d/1", "post.d/2"] {
            try folder.write("dir/" + name, "#!/bin/sh\n", mode: 0o755)
        }
        try folder.write("dir/pre.d/README", "text")
        let document = try folder.hooks.document(named: "dir")
        #expect(document.format == .directory)
        #expect(document.pre.map(\.id) == ["pre-10-a", "pre-20-b"])
        #expect(document.post.map(\.id) == ["post-2", "post-1"])
        try folder.write("dir/post.d/3", "#!/bin/sh\n", mode: 0o777)
        #expect(folder.refusal("dir").contains("chmod go-w"))
    }

    @Test("the convention of qemu-ga's fsfreeze-hook.d")
    func freezeHooks() throws {
        let folder = try Folder()
        for name in ["b.sh", "a.sh", "c.sample"] { try folder.write("qga/" + name, "#!/bin/sh\n", mode: 0o755) }
        let document = try folder.hooks.document(named: "qga")
        let base = folder.path.appending("qga")
        #expect(document.format == .freezeHooks)
        #expect(
            document.pre.map(\.command) == [
                .program([base.appending("a.sh").string, "freeze"]),
                .program([base.appending("b.sh").string, "freeze"]),
            ])
        #expect(document.post.map(\.id) == ["thaw-b.sh", "thaw-a.sh"])
        try folder.write("empty/README", "text")
        #expect(folder.refusal("empty").contains("no executable file"))
        // As it is called where it comes from.
        try folder.write("fsfreeze-hook.d/a.sh", "#!/bin/sh\n", mode: 0o755)
        try folder.write("notes.txt", "text")
        #expect(try folder.hooks.document(named: "fsfreeze-hook.d").format == .freezeHooks)
        #expect(try folder.hooks.names() == ["empty", "fsfreeze-hook.d", "qga"])
    }

    @Test("a digest is what sha256sum says")
    func digests() throws {
        let folder = try Folder()
        let file = try folder.write("a.yaml", good)
        #expect(try folder.hooks.document(named: "a").sha256 == sum("sha256sum < '\(file)'"))
        for name in ["pre.d/10-a", "pre.d/2", "post.d/10-a"] {
            try folder.write("dir/" + name, "#!/bin/sh\n# \(name)\n", mode: 0o755)
        }
        let inDirectory = "cd '\(folder.path.appending("dir"))' && LC_ALL=C sha256sum p*.d/* | sha256sum"
        let before = try folder.hooks.document(named: "dir").sha256
        #expect(before == sum(inDirectory))
        try folder.write("dir/post.d/10-a", "#!/bin/sh\n# other\n", mode: 0o755)
        let after = try folder.hooks.document(named: "dir").sha256
        #expect(after == sum(inDirectory))
        #expect(after != before)
    }

    /// The first word that a shell command prints.
    private func sum(_ command: String) -> String {
        let pipe = popen(command, "r")
        defer { pclose(pipe) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        guard getline(&line, &size, pipe) > 0, let line else { return "" }
        return String(cString: line).split(separator: " ").first.map(String.init) ?? ""
    }
}
