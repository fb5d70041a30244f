#include "api/figures_json.hpp"

#include <array>

namespace hs::api {

namespace {

constexpr std::size_t kept_months = 24;
constexpr std::size_t kept_trend_days = 90;

struct NamedScore {
    const char* name;
    ScoreSum score;
};

std::array<NamedScore, 4> scores_of(const Figures& figures) {
    return {NamedScore{"quality_score", figures.quality},
            NamedScore{"sop_compliance", figures.sop},
            NamedScore{"sentiment_stabilization", figures.sentiment},
            NamedScore{"escalation_rate", figures.escalation()}};
}

void write_scores(JsonWriter& json, const Figures& figures) {
    for (const auto& [name, score] : scores_of(figures))
        write_score(json, name, score);
}

void write_before(JsonWriter& json, const Figures& last_month) {
    write_score(json, "prev_month_quality", last_month.quality);
    write_score(json, "prev_month_sop", last_month.sop);
    write_score(json, "prev_month_sentiment", last_month.sentiment);
    write_score(json, "prev_month_escalation", last_month.escalation());
}

const char* arrow(Trend trend) {
    switch (trend) {
    case Trend::up: return "up";
    case Trend::down: return "down";
    case Trend::stable: return "stable";
    }
    return "stable";
}

const char* course(Trend trend) {
    switch (trend) {
    case Trend::up: return "Improving";
    case Trend::down: return "Declining";
    case Trend::stable: return "Stable";
    }
    return "Stable";
}

/// One member of a stored object, null when it is missing.
void write_member(JsonWriter& json, const json::value& entry, const char* name) {
    const auto* const object = entry.if_object();
    const auto* const value = object == nullptr ? nullptr : object->if_contains(name);
    json.key(name);
    if (value == nullptr) {
        json.null();
    } else if (value->is_number()) {
        json.number(value->to_number<double>()); // a 1 that was stored is shown as 1.0
    } else {
        json.document(*value);
    }
}

/// A stored array with the promised members of its entries; jsonb has forgotten their order.
void write_entries(JsonWriter& json,
                   const char* name,
                   const std::string& text,
                   std::array<const char*, 3> members,
                   std::size_t most) {
    json.key(name).begin_array();
    const auto stored = parse_json(text);
    if (stored && stored->is_array()) {
        std::size_t written = 0;
        for (const auto& entry : stored->get_array()) {
            if (written++ == most) break;
            json.begin_object();
            for (const auto* member : members)
                write_member(json, entry, member);
            json.end_object();
        }
    }
    json.end_array();
}

void write_time(JsonWriter& json, const char* name, const std::optional<Time>& time) {
    json.key(name);
    time ? json.string(rfc3339(*time)) : json.null();
}

void write_languages(JsonWriter& json, const store::AgentFigures& agent) {
    json.key("languages").begin_array();
    for (const auto& language : agent.languages)
        json.string(language);
    json.end_array();
}

void write_profile(JsonWriter& json, const store::AgentFigures& agent) {
    json.field("id", agent.id.str()).field("name", agent.name);
    json.field("employee_id", agent.employee_id);
    write_languages(json, agent);
}

void write_current(JsonWriter& json, const store::PeriodFigures& figures) {
    json.key("current_stats").begin_object();
    write_scores(json, figures.current);
    json.field("calls_handled_today", figures.today.calls);
    json.field("emergencies_today", figures.today.emergencies);
    json.field("calls_handled_total", figures.current.calls);
    json.field("total_emergencies_count", figures.current.emergencies).end_object();
}

void write_texts(JsonWriter& json, const char* name, const store::AgentFigures& agent) {
    json.key(name).begin_object();
    json.field("latest_month_insight", agent.latest_month_insight);
    json.field("overall_insight_text", agent.overall_insight_text);
    json.field("latest_change_summary", agent.latest_change_summary).end_object();
}

void write_texts(JsonWriter& json, const char* name, const store::CityFigures& city) {
    json.key(name).begin_object();
    json.field("daily_ops_insight", city.daily_ops_insight);
    json.field("latest_month_insight", city.latest_month_insight);
    json.field("overall_city_insight", city.overall_city_insight);
    json.field("coaching_focus", city.coaching_focus).end_object();
}

void write_city_info(JsonWriter& json, const store::CityFigures& city) {
    json.field("id", city.id.value).field("name", city.name).field("state", city.state);
}

/// Left open: the alias adds a member.
void begin_metrics(JsonWriter& json, const store::PeriodFigures& figures) {
    const auto& now = figures.current;
    json.key("metrics").begin_object();
    write_score(json, "avg_quality_score", now.quality);
    write_score(json, "avg_sop_compliance", now.sop);
    write_score(json, "avg_sentiment_score", now.sentiment);
    write_score(json, "avg_escalation_rate", now.escalation());
    write_before(json, figures.last_month);
    json.field("quality_trend", course(trend_between(now.quality, figures.last_month.quality)));
    json.field("risk_level", risk_level(now.sop)).field("analyzed_calls", now.analysed);
}

void write_volume(JsonWriter& json, const store::PeriodFigures& figures) {
    const auto before = figures.last_month.calls;
    json.key("volume").begin_object();
    json.field("total_calls_today", figures.today.calls);
    json.field("total_emergencies_today", figures.today.emergencies);
    json.field("monthly_volume", figures.month.calls).field("prev_monthly_volume", before);
    write_decimal(
        json, "volume_growth_pct", rounded_ratio((figures.month.calls - before) * 1000, before), 1);
    json.field("total_calls", figures.current.calls).end_object();
}

} // namespace

void write_decimal(JsonWriter& json, std::string_view name, std::int64_t value, int digits) {
    json.key(name).raw(decimal_text(value, digits));
}

void write_score(JsonWriter& json, std::string_view name, const ScoreSum& score) {
    write_decimal(json, name, score.points(), 4);
}

void write_trends(JsonWriter& json, const Figures& now, const Figures& before) {
    const auto values = scores_of(now);
    const auto previous = scores_of(before);
    json.key("trend_data").begin_array();
    for (std::size_t i = 0; i < values.size(); ++i) {
        json.begin_object().field("metric", values[i].name);
        json.field("trend", arrow(trend_between(values[i].score, previous[i].score)));
        write_score(json, "value", values[i].score);
        write_score(json, "prev_value", previous[i].score);
        json.end_object();
    }
    json.end_array();
}

void write_agent_data(JsonWriter& json, const store::AgentFigures& agent) {
    const auto& figures = agent.figures;
    json.key("data").begin_object().key("agent_profile").begin_object();
    write_profile(json, agent);
    json.end_object();
    write_current(json, figures);
    json.key("previous_month_stats").begin_object();
    write_scores(json, figures.last_month);
    json.field("calls_handled", figures.last_month.calls);
    json.field("emergencies", figures.last_month.emergencies).end_object();
    write_trends(json, figures.current, figures.last_month);
    write_texts(json, "llm_insights", agent);
    json.key("insight_metadata").begin_object();
    write_entries(json,
                  "insight_history",
                  agent.insight_history,
                  {"month", "insight", "generated_at"},
                  kept_months);
    write_entries(json,
                  "recent_trend_array",
                  agent.recent_trend,
                  {"metric", "value", "date"},
                  kept_trend_days);
    write_time(json, "last_insight_generated_at", agent.last_insight_at);
    write_time(json, "last_updated_at", agent.last_updated_at);
    json.end_object().key("history_comparison").begin_object();
    write_before(json, figures.last_month);
    json.end_object().field("analyzed_calls", figures.current.analysed).end_object();
}

void write_agent_summary(JsonWriter& json, const store::AgentFigures& agent) {
    json.key("agent").begin_object();
    write_profile(json, agent);
    write_current(json, agent.figures);
    write_texts(json, "insights", agent);
    json.end_object();
}

void write_city_data(JsonWriter& json, const store::CityFigures& city) {
    json.key("data").begin_object().key("city_info").begin_object();
    write_city_info(json, city);
    json.end_object();
    if (!city.has_calls && !city.has_insights) {
        json.field("message", "No detailed insights available for this city yet.").end_object();
        return;
    }
    begin_metrics(json, city.figures);
    json.end_object();
    write_volume(json, city.figures);
    write_texts(json, "llm_insights", city);
    json.key("operational_risks").begin_array();
    for (const auto& risk : city.operational_risks)
        json.string(risk);
    json.end_array().end_object();
}

void write_city_summary(JsonWriter& json, const store::CityFigures& city) {
    json.key("city").begin_object();
    write_city_info(json, city);
    begin_metrics(json, city.figures);
    json.field("total_calls", city.figures.current.calls).end_object();
    write_texts(json, "insights", city);
    json.end_object();
}

} // namespace hs::api
