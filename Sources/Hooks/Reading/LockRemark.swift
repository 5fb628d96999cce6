/// A lock that a step before the cut takes: it ends with the session that took it, which may be the step's.
enum LockRemark {
    private static let statement = "FLUSH TABLES WITH READ LOCK"

    /// What is said of it; `nil`: there is none.
    ///
    /// - Parameter steps: of `pre`.
    static func of(_ steps: [HookStep]) -> String? {
        steps.first { step in step.substitutedTexts.contains { $0.uppercased().contains(statement) } }.map { step in
            "step \(step.id): a lock by \(statement) ends with its session: unless that lives until post, the cut is made"
                + " without the lock; the document mariadb holds it"
        }
    }
}
