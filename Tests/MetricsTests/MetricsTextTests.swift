import Metrics
import Testing

/// Metrics as Prometheus reads them.
struct MetricsTextTests {
    private static let families = [
        MetricFamily(
            .counter, "x_runs", help: "Runs.",
            [
                .init(3, .init("policy", "b"), .init("state", "done")), .init(0, .init("policy", "a")),
            ]),
        MetricFamily(.gauge, "x_age_seconds", unit: "seconds", help: "Age.", [.init(1.5)]),
        MetricFamily(.gauge, "x_none", help: "Left out.", []),
    ]

    @Test("OpenMetrics: a counter's family without _total, units, an end")
    func openMetrics() {
        #expect(
            MetricsText.openmetrics.text(of: Self.families) == """
                # HELP x_runs Runs.
                # TYPE x_runs counter
                x_runs_total{policy="b",state="done"} 3
                x_runs_total{policy="a"} 0
                # HELP x_age_seconds Age.
                # TYPE x_age_seconds gauge
                # UNIT x_age_seconds seconds
                x_age_seconds 1.5
                # EOF

                """)
        #expect(MetricsText.openmetrics.text(of: []) == "# EOF\n")
    }

    @Test("Prometheus 0.0.4: the type stands with the sample's name")
    func prometheus() {
        #expect(
            MetricsText.prometheus.text(of: Self.families) == """
                # HELP x_runs_total Runs.
                # TYPE x_runs_total counter
                x_runs_total{policy="b",state="done"} 3
                x_runs_total{policy="a"} 0
                # HELP x_age_seconds Age.
                # TYPE x_age_seconds gauge
                x_age_seconds 1.5

                """)
        #expect(MetricsText.prometheus.text(of: []).isEmpty)
    }

    @Test("what would end a label or a line is escaped")
    func escapes() {
        let family = MetricFamily(
            .gauge, "x", help: "a \"b\" \\ c\nd", [.init(1, .init("l", "a \"b\" \\ c\nd größe"))])
        let sample = #"x{l="a \"b\" \\ c\nd größe"} 1"# + "\n"
        #expect(
            MetricsText.openmetrics.text(of: [family])
                == #"# HELP x a \"b\" \\ c\nd"# + "\n# TYPE x gauge\n" + sample + "# EOF\n")
        #expect(
            MetricsText.prometheus.text(of: [family])
                == #"# HELP x a "b" \\ c\nd"# + "\n# TYPE x gauge\n" + sample)
    }

    @Test(
        "numbers",
        arguments: [
            (0, "0"), (-3, "-3"), (0.25, "0.25"), (1_795_428_000, "1795428000"), (.nan, "NaN"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"),
        ] as [(Double, String)])
    func numbers(_ value: Double, _ text: String) {
        let family = MetricFamily(.gauge, "x", help: "h", [.init(value)])
        #expect(MetricsText.prometheus.text(of: [family]) == "# HELP x h\n# TYPE x gauge\nx \(text)\n")
    }

    @Test("a unit that is not the end of the name is not told")
    func unit() {
        let family = MetricFamily(.counter, "x_waits", unit: "seconds", help: "h", [.init(1)])
        #expect(!MetricsText.openmetrics.text(of: [family]).contains("UNIT"))
    }
}
