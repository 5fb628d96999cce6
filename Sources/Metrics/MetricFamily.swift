/// Numbers of one meaning under one name, each with labels that tell them apart.
public struct MetricFamily: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// It only grows, and begins again at zero when it is lost.
        case counter
        case gauge
    }

    public struct Label: Sendable, Equatable {
        public var name: String
        /// Any text.
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Sample: Sendable, Equatable {
        /// In the order in which they are written.
        public var labels: [Label]
        public var value: Double

        public init(_ value: Double, _ labels: Label...) {
            self.labels = labels
            self.value = value
        }
    }

    /// Snake case; of a counter without `_total`.
    public var name: String
    public var kind: Kind
    /// The base unit, which is also the end of ``name``; `nil` for what has none.
    public var unit: String?
    /// What it counts or measures, in a sentence.
    public var help: String
    /// In the order in which they are written. A family without any is left out.
    public var samples: [Sample]

    public init(_ kind: Kind, _ name: String, unit: String? = nil, help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.samples = samples
    }
}
