/// Why a sink did not take an event, in one sentence.
struct SinkFailure: Error, Equatable {
    var text: String
}
