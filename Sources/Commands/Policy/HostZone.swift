import Foundation
import Lifecycle
import SystemPackage

/// The time zone of this host.
enum HostZone {
    /// As /etc/localtime or /etc/timezone names it; UTC when neither tells one that a schedule takes.
    static func name(below root: FilePath = "/") -> String {
        let etc = root.appending("etc")
        let localtime = etc.appending("localtime").string
        // A link says the name (localtime(5)); what it leads to may say a newer one: Singapore, Asia/Singapore.
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: localtime)
        let paths = [link ?? "", URL(fileURLWithPath: localtime).resolvingSymlinksInPath().path]
        let text = try? String(contentsOfFile: etc.appending("timezone").string, encoding: .utf8)
        let names = paths.compactMap(zone) + [text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""]
        let found = names.lazy.compactMap { try? Zone(named: $0).name }.first
        return found.map { $0 == "Etc/UTC" ? Zone.utc.name : $0 } ?? Zone.utc.name
    }

    private static func zone(of path: String) -> String? {
        guard let end = path.firstRange(of: "/zoneinfo/")?.upperBound else { return nil }
        let name = path[end...]
        return String(["posix/", "right/"].first(where: name.hasPrefix).map { name.dropFirst($0.count) } ?? name)
    }
}
