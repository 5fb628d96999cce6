/// This release.
public enum Version {
    /// Semantic versioning: numbers and points.
    public static let current = "0.1.0"
}
