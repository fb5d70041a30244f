#include "analysis/rules/metric_values.hpp"

#include <algorithm>
#include <array>

namespace hs::analysis {

namespace {

using Figure = std::optional<double>;

template <typename T>
Figure figure(const std::optional<T>& value) {
    return value ? Figure(static_cast<double>(*value)) : std::nullopt;
}

struct RoleFigure {
    std::string_view name;
    MetricUnit unit;
    Figure (*value)(const RoleMetrics&);
};

struct CallFigure {
    std::string_view name;
    MetricUnit unit;
    Figure (*value)(const ConversationMetrics&);
};

constexpr auto none = MetricUnit::none;
constexpr auto ms = MetricUnit::ms;
constexpr auto ratio = MetricUnit::ratio;

constexpr std::array<RoleFigure, 12> role_figures = {{
    {"talk_ms", ms, [](const RoleMetrics& m) { return Figure(m.talk_ms); }},
    {"talk_ratio", ratio, [](const RoleMetrics& m) { return Figure(m.talk_ratio); }},
    {"words", none, [](const RoleMetrics& m) { return Figure(m.words); }},
    {"turns", none, [](const RoleMetrics& m) { return Figure(m.turns); }},
    {"questions", none, [](const RoleMetrics& m) { return Figure(m.questions); }},
    {"wpm", none, [](const RoleMetrics& m) { return m.wpm; }},
    {"longest_monologue_ms",
     ms,
     [](const RoleMetrics& m) { return Figure(m.longest_monologue_ms); }},
    {"fillers_per_min", none, [](const RoleMetrics& m) { return m.fillers_per_min; }},
    {"response_latency_p50_ms",
     ms,
     [](const RoleMetrics& m) { return figure(m.response_latency_p50_ms); }},
    {"response_latency_p90_ms",
     ms,
     [](const RoleMetrics& m) { return figure(m.response_latency_p90_ms); }},
    {"loudness_dbfs", none, [](const RoleMetrics& m) { return m.loudness_dbfs; }},
    {"patience_ms", ms, [](const RoleMetrics& m) { return figure(m.patience_ms); }},
}};

Figure interruptions_by(const ConversationMetrics& metrics, Role role) {
    return static_cast<double>(std::ranges::count_if(
        metrics.interruptions, [role](const Event& event) { return event.by == role; }));
}

Figure per_ten_minutes(const ConversationMetrics& metrics, Role role) {
    const auto& own = role == Role::agent ? metrics.agent : metrics.customer;
    if (own.talk_ms <= 0) return std::nullopt;
    return *interruptions_by(metrics, role) * 600'000.0 / own.talk_ms;
}

constexpr std::array<CallFigure, 14> call_figures = {{
    {"duration_ms", ms, [](const ConversationMetrics& m) { return Figure(m.duration_ms); }},
    {"silence_ms", ms, [](const ConversationMetrics& m) { return Figure(m.silence_ms); }},
    {"silence_ratio", ratio, [](const ConversationMetrics& m) { return Figure(m.silence_ratio); }},
    {"longest_silence_ms",
     ms,
     [](const ConversationMetrics& m) { return Figure(m.longest_silence_ms); }},
    {"overlap_ms", ms, [](const ConversationMetrics& m) { return figure(m.overlap_ms); }},
    {"holds",
     none,
     [](const ConversationMetrics& m) { return Figure(static_cast<double>(m.holds.size())); }},
    {"interruptions",
     none,
     [](const ConversationMetrics& m) {
         return Figure(static_cast<double>(m.interruptions.size()));
     }},
    {"dead_air_after_question_ms",
     ms,
     [](const ConversationMetrics& m) { return Figure(m.dead_air_after_question_ms); }},
    {"interactivity", none, [](const ConversationMetrics& m) { return Figure(m.interactivity); }},
    {"agent.interruptions",
     none,
     [](const ConversationMetrics& m) { return interruptions_by(m, Role::agent); }},
    {"customer.interruptions",
     none,
     [](const ConversationMetrics& m) { return interruptions_by(m, Role::customer); }},
    {"agent.interruptions_per_10min",
     none,
     [](const ConversationMetrics& m) { return per_ten_minutes(m, Role::agent); }},
    {"customer.interruptions_per_10min",
     none,
     [](const ConversationMetrics& m) { return per_ten_minutes(m, Role::customer); }},
    {"unannounced_holds",
     none,
     [](const ConversationMetrics& m) {
         return Figure(static_cast<double>(
             std::ranges::count_if(m.holds, [](const Hold& hold) { return !hold.announced; })));
     }},
}};

const CallFigure* call_figure(std::string_view path) {
    const auto found = std::ranges::find(call_figures, path, &CallFigure::name);
    return found == call_figures.end() ? nullptr : &*found;
}

const RoleFigure* role_figure(std::string_view path) {
    const auto dot = path.find('.');
    if (dot == std::string_view::npos) return nullptr;
    const auto role = path.substr(0, dot);
    if (role != "agent" && role != "customer") return nullptr;
    const auto found = std::ranges::find(role_figures, path.substr(dot + 1), &RoleFigure::name);
    return found == role_figures.end() ? nullptr : &*found;
}

} // namespace

std::optional<MetricUnit> metric_unit(std::string_view path) {
    if (const auto* of_call = call_figure(path)) return of_call->unit;
    if (const auto* of_role = role_figure(path)) return of_role->unit;
    return std::nullopt;
}

std::optional<double> metric_value(const ConversationMetrics& metrics, std::string_view path) {
    if (const auto* of_call = call_figure(path)) return of_call->value(metrics);
    const auto* of_role = role_figure(path);
    if (of_role == nullptr) return std::nullopt;
    return of_role->value(path.starts_with("agent.") ? metrics.agent : metrics.customer);
}

std::vector<std::string_view> metric_paths() {
    std::vector<std::string_view> paths;
    for (const auto& of_call : call_figures)
        paths.push_back(of_call.name);
    for (const auto& of_role : role_figures)
        paths.push_back(of_role.name);
    return paths;
}

} // namespace hs::analysis
