#include "api/dashboard_json.hpp"

#include <chrono>

#include "api/figures_json.hpp"

namespace hs::api {

namespace {

constexpr int longest = 3660;
constexpr Day earliest{std::chrono::year{1900}, std::chrono::January, std::chrono::day{1}};

void write_difference(JsonWriter& json,
                      std::string_view name,
                      const ScoreSum& now,
                      const ScoreSum& before) {
    if (now.count == 0 || before.count == 0) {
        json.null_field(name);
    } else {
        write_decimal(json, name, change_in_points(now, before), 4);
    }
}

} // namespace

int days_in(const store::Days& days) {
    return static_cast<int>(
        (std::chrono::sys_days(days.to) - std::chrono::sys_days(days.from)).count());
}

Result<ComparedDays> compared_days(const DayRange& asked, Day today, int wanted) {
    ComparedDays days;
    days.now.to = asked.to.value_or(days_later(today, 1));
    days.now.from = asked.from.value_or(days_later(days.now.to, -wanted));
    const auto count = days_in(days.now);
    if (count < 0) return fail(ErrorKind::invalid, "query.range", "from: not after to.");
    if (count > longest || std::chrono::sys_days(days.now.from) < std::chrono::sys_days(earliest))
        return fail(ErrorKind::invalid, "query.range", "from: at most ten years before to.");
    days.before = {days_later(days.now.from, -count), days.now.from};
    return days;
}

void write_days(JsonWriter& json, const ComparedDays& days) {
    json.field("from", day_text(days.now.from)).field("to", day_text(days.now.to));
    json.field("previous_from", day_text(days.before.from));
}

ScoreSum emergency_share(const Figures& figures) {
    return {figures.calls, figures.emergencies * 10000};
}

ScoreSum miss_share(const store::Answers& answers) {
    return {answers.firm(), answers.missed * 10000};
}

void write_dashboard_figures(JsonWriter& json, std::string_view name, const Figures& figures) {
    json.key(name).begin_object();
    json.field("calls", figures.calls).field("analyzed_calls", figures.analysed);
    write_score(json, "overall_quality", figures.quality);
    json.field("quality_calls", figures.quality.count);
    write_score(json, "sop_compliance", figures.sop);
    json.field("sop_calls", figures.sop.count);
    write_score(json, "sentiment_stabilization", figures.sentiment);
    json.field("sentiment_calls", figures.sentiment.count);
    json.field("escalated_calls", figures.escalated);
    write_score(json, "escalation_rate", figures.escalation());
    json.field("emergency_calls", figures.emergencies);
    write_score(json, "emergency_rate", emergency_share(figures));
    json.end_object();
}

void write_change(JsonWriter& json, const Figures& now, const Figures& before) {
    json.key("change").begin_object().field("calls", now.calls - before.calls);
    write_difference(json, "overall_quality", now.quality, before.quality);
    write_difference(json, "sop_compliance", now.sop, before.sop);
    write_difference(json, "sentiment_stabilization", now.sentiment, before.sentiment);
    write_difference(json, "escalation_rate", now.escalation(), before.escalation());
    write_difference(json, "emergency_rate", emergency_share(now), emergency_share(before));
    json.end_object();
}

} // namespace hs::api
