/// The figures of a conversation by the paths that rules use: `metric.agent.wpm`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/metrics.hpp"

namespace hs::analysis {

enum class MetricUnit { none, ms, ratio };

/// The unit of a path; null when there is no such metric.
[[nodiscard]] std::optional<MetricUnit> metric_unit(std::string_view path);

/// Null when the figure could not be measured.
[[nodiscard]] std::optional<double> metric_value(const ConversationMetrics& metrics,
                                                 std::string_view path);

[[nodiscard]] std::vector<std::string_view> metric_paths();

} // namespace hs::analysis
