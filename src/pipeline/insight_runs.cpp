#include "pipeline/insight_runs.hpp"

#include "analysis/redaction.hpp"
#include "store/calls.hpp"
#include "store/idempotency.hpp"
#include "store/insights.hpp"

namespace hs::pipeline {

namespace {

constexpr auto month_of_days = std::chrono::days(30);

store::Span last_days(Time now) {
    return {.after = now - month_of_days, .until = now};
}

store::Span days_before(Time now) {
    return {.after = now - 2 * month_of_days, .until = now - month_of_days};
}

/// Remarks are typed by people, and imported texts come from elsewhere: only what the detectors
/// leave of them goes into a text.
void redact(std::vector<JudgedCall>& calls) {
    for (auto& call : calls) {
        call.remark = analysis::redacted_text(call.remark, {});
        for (auto& deviation : call.deviations)
            deviation.should_have_said = analysis::redacted_text(deviation.should_have_said, {});
    }
}

json::array history_of(const std::string& text) {
    auto parsed = parse_json(text);
    return parsed && parsed->is_array() ? std::move(parsed->get_array()) : json::array();
}

struct Entry {
    const std::string& month;
    std::optional<std::string> insight;
    std::optional<std::string> change;
    const SpanFigures& figures;
    Time at;
    std::string_view source;
};

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

std::string history_with(const json::array& history, const Entry& entry) {
    json::value score = nullptr;
    if (entry.figures.quality) score = *entry.figures.quality / 10000.0;
    json::object made{{"month", entry.month},
                      {"insight", text_or_null(entry.insight)},
                      {"change", text_or_null(entry.change)},
                      {"overall_score", score},
                      {"calls", entry.figures.calls},
                      {"generated_at", rfc3339(entry.at)},
                      {"source", entry.source},
                      {"prompt_hash", nullptr}};
    return json::serialize(with_entry(history, std::move(made)));
}

Task<void>
audit_forced(pg::Session& session, Caller caller, std::string object, std::string result) {
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.action = "insights.force";
    entry.object = std::move(object);
    entry.request_id = caller.request_id;
    entry.result = std::move(result);
    co_await store::insert_audit(session, caller.tenant, std::move(entry));
}

Task<AgentPicture> picture_of(pg::Session& session,
                              TenantId tenant,
                              AgentId agent,
                              const store::StoredAgentTexts& stored) {
    AgentPicture picture{.month = stored.month};
    picture.now = co_await store::agent_span_figures(session, tenant, agent, last_days(stored.at));
    if (picture.now.calls == 0) co_return picture;
    picture.before =
        co_await store::agent_span_figures(session, tenant, agent, days_before(stored.at));
    picture.calls =
        co_await store::agent_judged_calls(session, tenant, agent, last_days(stored.at));
    picture.earlier_calls =
        co_await store::agent_judged_calls(session, tenant, agent, days_before(stored.at));
    redact(picture.calls);
    redact(picture.earlier_calls);
    picture.record = months_of(history_of(stored.history_json), stored.month);
    co_return picture;
}

Task<CityPicture> picture_of(pg::Session& session,
                             TenantId tenant,
                             CityId city,
                             const store::StoredCityTexts& stored) {
    CityPicture picture{.month = stored.month};
    picture.focus_wanted = stored.focus_month != stored.month;
    const store::Span today{.after = stored.midnight - std::chrono::microseconds(1),
                            .until = stored.at};
    picture.now = co_await store::city_span_figures(session, tenant, city, last_days(stored.at));
    if (picture.now.calls == 0) co_return picture;
    picture.before =
        co_await store::city_span_figures(session, tenant, city, days_before(stored.at));
    picture.today = co_await store::city_span_figures(session, tenant, city, today);
    picture.issues_today = co_await store::city_issues(session, tenant, city, today);
    picture.issues = co_await store::city_issues(session, tenant, city, last_days(stored.at));
    picture.calls_today = co_await store::city_judged_calls(session, tenant, city, today);
    picture.calls = co_await store::city_judged_calls(session, tenant, city, last_days(stored.at));
    redact(picture.calls_today);
    redact(picture.calls);
    picture.record = months_of(history_of(stored.history_json), stored.month);
    co_return picture;
}

void put_name(std::optional<std::string>& text, const std::string& name) {
    if (text) text = with_name(*std::move(text), name);
}

AgentTexts with_name(AgentTexts texts, const std::string& name) {
    for (auto* text : {&texts.month, &texts.overall, &texts.change})
        put_name(*text, name);
    return texts;
}

CityTexts with_name(CityTexts texts, const std::string& name) {
    for (auto* text : {&texts.daily, &texts.month, &texts.overall, &texts.focus})
        put_name(*text, name);
    return texts;
}

/// The texts for an agent without calls: what was said in general stays.
AgentTexts without_calls(AgentTexts texts) {
    texts.month = "No calls recorded for this month.";
    texts.change = "No activity to analyze.";
    return texts;
}

CityTexts without_calls(CityTexts texts) {
    texts.daily = "No calls recorded for today.";
    texts.month = "No calls recorded for this month.";
    texts.risks.clear();
    return texts;
}

/// Makes the texts and stores them; the caller commits.
Task<AgentInsights> make_texts(const InsightParts& parts,
                               pg::Session& session,
                               TenantId tenant,
                               AgentId agent,
                               store::StoredAgentTexts stored) {
    const auto picture = co_await picture_of(session, tenant, agent, stored);
    if (picture.now.calls == 0) {
        const auto texts = without_calls(stored.texts);
        co_await store::update_agent_texts(session, tenant, agent, texts, stored.history_json);
        co_return AgentInsights{InsightState::no_calls, texts};
    }
    auto made = parts.writer.write(picture);
    if (!made) {
        parts.log.warn("insights.failed",
                       {{"agent", agent.str()}, {"error", made.error().message}});
        co_return AgentInsights{InsightState::unavailable, stored.texts};
    }
    const auto texts = with_name(*std::move(made), stored.name);
    const Entry entry{.month = stored.month,
                      .insight = texts.month,
                      .change = texts.change,
                      .figures = picture.now,
                      .at = stored.at,
                      .source = parts.writer.source()};
    const auto history = history_with(history_of(stored.history_json), entry);
    co_await store::update_agent_texts(session, tenant, agent, texts, history);
    co_return AgentInsights{InsightState::made, texts};
}

Task<CityInsights> make_texts(const InsightParts& parts,
                              pg::Session& session,
                              TenantId tenant,
                              CityId city,
                              store::StoredCityTexts stored) {
    const auto picture = co_await picture_of(session, tenant, city, stored);
    if (picture.now.calls == 0) {
        stored.texts = without_calls(std::move(stored.texts));
        co_await store::update_city_texts(session, tenant, city, stored);
        co_return CityInsights{InsightState::no_calls, stored.texts, stored.name};
    }
    auto made = parts.writer.write(picture);
    if (!made) {
        parts.log.warn("insights.failed", {{"city", city.value}, {"error", made.error().message}});
        co_return CityInsights{InsightState::unavailable, stored.texts, stored.name};
    }
    auto texts = with_name(*std::move(made), stored.name);
    if (!picture.focus_wanted) texts.focus = stored.texts.focus;
    const Entry entry{.month = stored.month,
                      .insight = texts.month,
                      .change = std::nullopt,
                      .figures = picture.now,
                      .at = stored.at,
                      .source = parts.writer.source()};
    stored.history_json = history_with(history_of(stored.history_json), entry);
    stored.focus_month = stored.month;
    stored.texts = std::move(texts);
    co_await store::update_city_texts(session, tenant, city, stored);
    co_return CityInsights{InsightState::made, stored.texts, stored.name};
}

bool agent_is_fresh(const store::StoredAgentTexts& stored, Time asked, bool force) {
    const InsightAge age{.made = stored.made, .asked = asked, .now = stored.at};
    return stored.texts.month && still_fresh(age, force);
}

Task<bool> city_is_fresh(pg::Session& session,
                         TenantId tenant,
                         CityId city,
                         const store::StoredCityTexts& stored,
                         Time asked,
                         bool force) {
    const InsightAge age{.made = stored.made, .asked = asked, .now = stored.at};
    if (!still_fresh(age, force)) co_return false;
    if (*stored.made >= asked) co_return true;
    const bool arrived =
        co_await store::city_call_arrived(session, tenant, city, *stored.made, stored.at);
    co_return !arrived;
}

const char* result_of(InsightState state) {
    return state == InsightState::unavailable ? "failed" : "ok";
}

/// With the agent's lock: what another request made while this one waited is the answer.
Task<std::optional<AgentInsights>>
locked_run(const InsightParts& parts, Caller caller, AgentId agent, bool force) {
    const auto tenant = caller.tenant;
    auto transaction = co_await parts.database.begin({.tenant = tenant});
    const auto asked = co_await store::lock_agent_texts(*transaction, tenant, agent);
    if (!asked) co_return std::nullopt;
    const auto stored = co_await store::agent_texts(*transaction, tenant, agent);
    AgentInsights insights{InsightState::cached, stored->texts};
    if (!agent_is_fresh(*stored, *asked, force)) {
        insights = co_await make_texts(parts, *transaction, tenant, agent, *stored);
    }
    if (force) {
        const std::string object = "agent:" + agent.str();
        const std::string result = result_of(insights.state);
        co_await audit_forced(*transaction, caller, object, result);
    }
    co_await transaction->commit();
    co_return insights;
}

Task<std::optional<CityInsights>>
locked_run(const InsightParts& parts, Caller caller, CityId city, bool force) {
    const auto tenant = caller.tenant;
    auto transaction = co_await parts.database.begin({.tenant = tenant});
    const auto asked = co_await store::lock_city_texts(*transaction, tenant, city);
    if (!asked) co_return std::nullopt;
    const auto stored = co_await store::city_texts(*transaction, tenant, city);
    CityInsights insights{InsightState::cached, stored->texts, stored->name};
    const bool fresh = co_await city_is_fresh(*transaction, tenant, city, *stored, *asked, force);
    if (!fresh) insights = co_await make_texts(parts, *transaction, tenant, city, *stored);
    if (force) {
        const std::string object = "city:" + std::to_string(city.value);
        const std::string result = result_of(insights.state);
        co_await audit_forced(*transaction, caller, object, result);
    }
    co_await transaction->commit();
    co_return insights;
}

} // namespace

Task<std::optional<AgentInsights>>
agent_insights(const InsightParts& parts, Caller caller, AgentId agent, bool force) {
    if (!force) { // most requests: no lock, one statement
        const auto unit = parts.database.unit({.tenant = caller.tenant});
        const auto stored = co_await store::agent_texts(*unit, caller.tenant, agent);
        if (!stored) co_return std::nullopt;
        if (agent_is_fresh(*stored, stored->at, false)) {
            co_return AgentInsights{InsightState::cached, stored->texts};
        }
    }
    co_return co_await locked_run(parts, caller, agent, force);
}

Task<std::optional<CityInsights>>
city_insights(const InsightParts& parts, Caller caller, CityId city, bool force) {
    if (!force) {
        const auto tenant = caller.tenant;
        const auto unit = parts.database.unit({.tenant = tenant});
        const auto stored = co_await store::city_texts(*unit, tenant, city);
        if (!stored) co_return std::nullopt;
        const bool fresh = co_await city_is_fresh(*unit, tenant, city, *stored, stored->at, false);
        if (fresh) co_return CityInsights{InsightState::cached, stored->texts, stored->name};
    }
    co_return co_await locked_run(parts, caller, city, force);
}

Task<void> fill_agent_trends(const Services& services) {
    const auto everywhere =
        services.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    for (const auto tenant : co_await store::list_tenants(*everywhere)) {
        const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
        const auto agents = co_await store::fill_agent_trends(*unit, tenant);
        if (agents > 0) services.log.info("agents.trends_filled", {{"agents", agents}});
    }
}

} // namespace hs::pipeline
