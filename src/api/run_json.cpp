#include "api/run_json.hpp"

#include "analysis/eval/statistics.hpp"
#include "api/scorecard_json.hpp"

namespace hs::api {

namespace {

void write_score(JsonWriter& json, const char* name, std::optional<double> basis_points) {
    json.key(name);
    if (basis_points) {
        json.number(*basis_points / 10000.0, 4);
    } else {
        json.null();
    }
}

void write_flag(JsonWriter& json, const char* name, std::optional<bool> flag) {
    json.key(name);
    if (flag) {
        json.boolean(*flag);
    } else {
        json.null();
    }
}

std::optional<double> real(std::optional<std::int64_t> number) {
    return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
}

void write_text(JsonWriter& json, const char* name, const std::string& text) {
    json.field(name, text.empty() ? std::nullopt : std::optional(text));
}

void write_time(JsonWriter& json, const char* name, std::optional<Time> time) {
    json.field(name, time ? std::optional(rfc3339(*time)) : std::nullopt);
}

/// Share of equal answers with its 95 % interval; null without any.
void write_agreement(JsonWriter& json, std::int64_t compared, std::int64_t flips) {
    json.field("compared", compared).field("flips", flips).key("agreement");
    if (compared == 0) {
        json.null().null_field("interval");
        return;
    }
    const auto same = compared - flips;
    const auto [low, high] = analysis::wilson(static_cast<int>(same), static_cast<int>(compared));
    json.number(static_cast<double>(same) / static_cast<double>(compared), 4);
    json.key("interval").begin_array().number(low, 4).number(high, 4).end_array();
}

void write_rule(JsonWriter& json, const store::RuleShift& rule) {
    json.begin_object().field("question_id", rule.question_id);
    write_agreement(json, rule.compared, rule.flips);
    json.key("flips_to").begin_object().field("pass", rule.to_pass).field("fail", rule.to_fail);
    json.field("na", rule.to_na).field("needs_review", rule.to_needs_review).end_object();
    json.field("added", rule.added).field("removed", rule.removed).end_object();
}

} // namespace

void write_quality(JsonWriter& json,
                   std::optional<std::int64_t> before,
                   std::optional<std::int64_t> after) {
    json.key("quality").begin_object();
    write_score(json, "before", real(before));
    write_score(json, "after", real(after));
    json.end_object();
}

void write_flagged(JsonWriter& json, std::optional<bool> before, std::optional<bool> after) {
    json.key("flagged").begin_object();
    write_flag(json, "before", before);
    write_flag(json, "after", after);
    json.end_object();
}

void write_change(JsonWriter& json, const store::AnswerChange& change) {
    json.field("question_id", change.question_id);
    write_text(json, "before", change.before);
    write_text(json, "after", change.after);
}

void write_run(JsonWriter& json, const store::StoredRun& run) {
    json.field("id", run.id.str()).field("name", run.name).field("state", run.state);
    json.key("scorecard");
    write_ref(json, run.scorecard);
    json.key("filter").raw(run.filter_json.value_or("null"));
    json.field("call_id", run.call_id ? std::optional(run.call_id->str()) : std::nullopt);
    json.field("calls", run.calls).field("pending", run.pending).field("done", run.done);
    json.field("failed", run.failed).field("cancelled", run.cancelled);
    json.field("changed", run.changed).key("spent").begin_object();
    json.field("tokens_in", run.tokens_in).field("tokens_out", run.tokens_out);
    json.key("cost_usd").number(run.cost_usd, 6).end_object();
    json.field("created_by", run.created_by).field("created_at", rfc3339(run.created_at));
    write_time(json, "finished_at", run.finished_at);
    write_time(json, "promoted_at", run.promoted_at);
    json.field("promoted", run.promoted).field("kept", run.kept);
}

void write_shift(JsonWriter& json,
                 const store::ScoreShift& scores,
                 const std::vector<store::RuleShift>& rules) {
    std::int64_t compared = 0;
    std::int64_t flips = 0;
    for (const auto& rule : rules) {
        compared += rule.compared;
        flips += rule.flips;
    }
    write_agreement(json, compared, flips);
    json.field("scored", scores.scored).key("quality").begin_object();
    write_score(json, "before", scores.before);
    write_score(json, "after", scores.after);
    json.end_object().key("flagged").begin_object();
    json.field("before", scores.flagged_before).field("after", scores.flagged_after);
    json.end_object().key("rules").begin_array();
    for (const auto& rule : rules)
        write_rule(json, rule);
    json.end_array();
}

} // namespace hs::api
