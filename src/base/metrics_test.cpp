#include <gmock/gmock.h>

#include "base/metrics.hpp"

using namespace hs;
using testing::HasSubstr;

TEST(Metrics, SameNameAndLabelsIsOneHandle) {
    Metrics metrics;
    auto& a = metrics.counter("hs_jobs_total", "Jobs.", {{"kind", "x"}, {"outcome", "done"}});
    auto& b = metrics.counter("hs_jobs_total", "Jobs.", {{"outcome", "done"}, {"kind", "x"}});
    EXPECT_EQ(&a, &b);
    a.add();
    b.add(2);
    EXPECT_EQ(a.value(), 3u);
    EXPECT_NE(&a, &metrics.counter("hs_jobs_total", "Jobs."));
    EXPECT_THROW(metrics.gauge("hs_jobs_total", "Jobs."), std::logic_error);
}

TEST(Metrics, WritesPrometheusText) {
    Metrics metrics;
    metrics.counter("hs_a_total", "A\nb \\ \"c\".", {{"route", "/x\"\n\\"}}).add(5);
    metrics.gauge("hs_depth", "Depth.").set(1.5);
    metrics.gauge_function("hs_asked", "Asked.", [] { return 4.0; });
    EXPECT_EQ(metrics.prometheus_text(),
              "# HELP hs_a_total A\\nb \\\\ \"c\".\n"
              "# TYPE hs_a_total counter\n"
              "hs_a_total{route=\"/x\\\"\\n\\\\\"} 5\n"
              "# HELP hs_asked Asked.\n"
              "# TYPE hs_asked gauge\n"
              "hs_asked 4\n"
              "# HELP hs_depth Depth.\n"
              "# TYPE hs_depth gauge\n"
              "hs_depth 1.5\n");
}

TEST(Metrics, HistogramBucketsAddUp) {
    Metrics metrics;
    auto& took = metrics.histogram("hs_seconds", "Time.", {{"route", "/a"}});
    took.observe(0.0005); // on the bound: still inside
    took.observe(0.3);
    took.observe(1000);
    const auto text = metrics.prometheus_text();
    EXPECT_THAT(text, HasSubstr("# TYPE hs_seconds histogram\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_bucket{route=\"/a\",le=\"0.0005\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_bucket{route=\"/a\",le=\"0.25\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_bucket{route=\"/a\",le=\"0.5\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_bucket{route=\"/a\",le=\"60\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_bucket{route=\"/a\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_sum{route=\"/a\"} 1000.3005\n"));
    EXPECT_THAT(text, HasSubstr("hs_seconds_count{route=\"/a\"} 3\n"));
}
