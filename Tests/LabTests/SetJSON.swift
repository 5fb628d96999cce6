import Foundation

/// What `create --output json` prints, as far as the proofs need it.
struct CreateJSON: Decodable {
    struct Set: Decodable {
        struct Member: Decodable {
            var volume: String
            var snapshot: String
            var thinID: UInt32?
            var mountPoint: String?
        }

        var id: String
        var name: String
        var state: String
        var consistency: String?
        var frozenWindowMs: Double?
        var members: [Member]
    }

    var set: Set
}

/// What `list --output json` prints.
struct ListJSON: Decodable { var sets: [CreateJSON.Set] }
