import Glibc
import SetModel
import SystemPackage

/// Refuses a file or directory that somebody else owns or could write.
func demandSafe(_ status: stat, _ path: FilePath) throws(SnapshotError) {
    guard status.st_uid == geteuid() else {
        throw refusal(
            path, "belongs to user \(status.st_uid)",
            "make sure of what is in it, then: chown \(geteuid()) \(path)")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
        throw refusal(path, "can be written by others", "make sure of what is in it, then: chmod go-w \(path)")
    }
}

func refusal(_ path: FilePath, _ what: String, _ remedy: String) -> SnapshotError {
    SnapshotError(.refused, "\(path) \(what): \(remedy)")
}

func lastError() -> Errno { Errno(rawValue: errno) }
