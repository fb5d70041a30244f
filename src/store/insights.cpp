#include "store/insights.hpp"

#include "base/json.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

SpanFigures read_span(const pg::Row& row) {
    const auto mean = [&](const char* column) -> std::optional<int> {
        const auto value = row.optional_integer(column);
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    };
    return {.calls = row.integer("calls"),
            .analysed = row.integer("analysed"),
            .escalated = row.integer("escalated"),
            .emergencies = row.integer("emergencies"),
            .quality = mean("quality"),
            .sop = mean("sop"),
            .sentiment = mean("sentiment")};
}

std::string text_member(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

/// Imported rows may hold anything; what is no deviation is passed over.
std::vector<JudgedCall::Deviation> read_deviations(const std::string& text) {
    std::vector<JudgedCall::Deviation> out;
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_array()) return out;
    for (const auto& entry : parsed->get_array()) {
        if (const auto* object = entry.if_object()) {
            out.push_back({.code = text_member(*object, "what_was_wrong"),
                           .should_have_said = text_member(*object, "should_have_said")});
        }
    }
    return out;
}

/// [["Greeting","pass"],…]
std::vector<JudgedCall::Answer> read_answers(const std::string& text) {
    std::vector<JudgedCall::Answer> out;
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_array()) return out;
    for (const auto& entry : parsed->get_array()) {
        const auto& pair = entry.as_array();
        if (!pair.at(0).is_string()) continue;
        out.push_back({.title = std::string(pair.at(0).get_string()),
                       .passed = pair.at(1).as_string() == "pass"});
    }
    return out;
}

std::vector<JudgedCall> read_calls(const pg::Rows& rows) {
    std::vector<JudgedCall> out;
    for (const auto row : rows) {
        JudgedCall call;
        if (const auto agent = row.optional_uuid("agent_id")) call.agent = AgentId{*agent};
        call.remark = row.text("human_remarks");
        call.deviations = read_deviations(row.text("sop_deviations"));
        call.answers = read_answers(row.text("answers"));
        out.push_back(std::move(call));
    }
    return out;
}

std::optional<Time> asked(const pg::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return rows.front().time("asked");
}

/// The lowest id that an upload at `time` can have (version 7: 48 bits of milliseconds first).
Uuid first_id_at(Time time) {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    auto milliseconds = static_cast<std::uint64_t>(since.count());
    Uuid id;
    for (std::size_t i = 6; i-- > 0; milliseconds >>= 8U)
        id.bytes.at(i) = static_cast<std::uint8_t>(milliseconds & 0xffU);
    return id;
}

} // namespace

Task<std::optional<Time>> lock_agent_texts(pg::Session& session, TenantId tenant, AgentId agent) {
    const auto rows = co_await session.run(sql::lock_agent_texts, pg::params(tenant, agent));
    co_return asked(rows);
}

Task<std::optional<Time>> lock_city_texts(pg::Session& session, TenantId tenant, CityId city) {
    const auto rows = co_await session.run(sql::lock_city_texts, pg::params(tenant, city));
    co_return asked(rows);
}

Task<std::optional<StoredAgentTexts>>
agent_texts(pg::Session& session, TenantId tenant, AgentId agent) {
    const auto rows = co_await session.run(sql::agent_texts, pg::params(tenant, agent));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    StoredAgentTexts stored;
    stored.name = row.text("name");
    stored.texts.month = row.optional_text("latest_month_insight");
    stored.texts.overall = row.optional_text("overall_insight_text");
    stored.texts.change = row.optional_text("latest_change_summary");
    stored.history_json = row.text("insight_history");
    stored.made = row.optional_time("made");
    stored.at = row.time("at");
    stored.month = row.text("month");
    co_return stored;
}

Task<std::optional<StoredCityTexts>>
city_texts(pg::Session& session, TenantId tenant, CityId city) {
    const auto rows = co_await session.run(sql::city_texts, pg::params(tenant, city));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    StoredCityTexts stored;
    stored.name = row.text("name");
    stored.texts.daily = row.optional_text("daily_ops_insight");
    stored.texts.month = row.optional_text("latest_month_insight");
    stored.texts.overall = row.optional_text("overall_city_insight");
    stored.texts.focus = row.optional_text("coaching_focus_for_city");
    stored.texts.risks = row.text_array("key_operational_risks");
    stored.focus_month = row.optional_text("coaching_focus_month");
    stored.history_json = row.text("insight_history");
    stored.made = row.optional_time("made");
    stored.at = row.time("at");
    stored.month = row.text("month");
    stored.midnight = row.time("midnight");
    co_return stored;
}

Task<void> update_agent_texts(pg::Session& session,
                              TenantId tenant,
                              AgentId agent,
                              AgentTexts texts,
                              std::string history_json) {
    co_await session.run(
        sql::update_agent_texts,
        pg::params(tenant, agent, texts.month, texts.overall, texts.change, history_json));
}

Task<void>
update_city_texts(pg::Session& session, TenantId tenant, CityId city, StoredCityTexts texts) {
    co_await session.run(sql::update_city_texts,
                         pg::params(tenant,
                                    city,
                                    texts.texts.daily,
                                    texts.texts.month,
                                    texts.texts.overall,
                                    texts.texts.focus,
                                    texts.focus_month,
                                    texts.texts.risks,
                                    texts.history_json));
}

Task<bool>
city_call_arrived(pg::Session& session, TenantId tenant, CityId city, Time since, Time now) {
    const auto low = first_id_at(now - std::chrono::minutes(10));
    const auto high = first_id_at(now + std::chrono::minutes(1)); // clocks differ a little
    const auto rows =
        co_await session.run(sql::city_call_arrived, pg::params(tenant, city, low, high, since));
    co_return rows.front().boolean("arrived");
}

Task<SpanFigures>
agent_span_figures(pg::Session& session, TenantId tenant, AgentId agent, Span span) {
    const auto rows = co_await session.run(sql::agent_span_figures,
                                           pg::params(tenant, agent, span.after, span.until));
    co_return read_span(rows.front());
}

Task<SpanFigures> city_span_figures(pg::Session& session, TenantId tenant, CityId city, Span span) {
    const auto rows = co_await session.run(sql::city_span_figures,
                                           pg::params(tenant, city, span.after, span.until));
    co_return read_span(rows.front());
}

Task<std::vector<IssueCount>>
city_issues(pg::Session& session, TenantId tenant, CityId city, Span span) {
    const auto rows =
        co_await session.run(sql::city_issues, pg::params(tenant, city, span.after, span.until));
    std::vector<IssueCount> out;
    for (const auto row : rows)
        out.push_back({row.text("issue"), row.integer("calls")});
    co_return out;
}

Task<std::vector<JudgedCall>>
agent_judged_calls(pg::Session& session, TenantId tenant, AgentId agent, Span span) {
    const auto rows = co_await session.run(sql::agent_judged_calls,
                                           pg::params(tenant, agent, span.after, span.until));
    co_return read_calls(rows);
}

Task<std::vector<JudgedCall>>
city_judged_calls(pg::Session& session, TenantId tenant, CityId city, Span span) {
    const auto rows = co_await session.run(sql::city_judged_calls,
                                           pg::params(tenant, city, span.after, span.until));
    co_return read_calls(rows);
}

Task<std::int64_t> fill_agent_trends(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::fill_agent_trends, pg::params(tenant));
    co_return rows.affected();
}

} // namespace hs::store
