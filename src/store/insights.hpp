/// Texts about agents and cities: what is stored, and the figures they are made of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "domain/insights.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct StoredAgentTexts {
    std::string name;
    AgentTexts texts;
    std::string history_json;
    std::optional<Time> made;
    Time at;           // the database's clock
    std::string month; // of the tenant's calendar: "2026-11"
};

struct StoredCityTexts {
    std::string name;
    CityTexts texts;
    std::optional<std::string> focus_month;
    std::string history_json;
    std::optional<Time> made;
    Time at;
    std::string month;
    Time midnight; // at which the tenant's day began
};

/// A stretch of call times: after .. until.
struct Span {
    Time after;
    Time until;
};

/// Keeps others from making texts of the agent (city) until the transaction ends; uploads are not
/// held up. The start of the transaction, or nothing when there is no such agent (city).
Task<std::optional<Time>> lock_agent_texts(pg::Session& session, TenantId tenant, AgentId agent);
Task<std::optional<Time>> lock_city_texts(pg::Session& session, TenantId tenant, CityId city);

Task<std::optional<StoredAgentTexts>>
agent_texts(pg::Session& session, TenantId tenant, AgentId agent);
Task<std::optional<StoredCityTexts>> city_texts(pg::Session& session, TenantId tenant, CityId city);

/// Dates them now.
Task<void> update_agent_texts(pg::Session& session,
                              TenantId tenant,
                              AgentId agent,
                              AgentTexts texts,
                              std::string history_json);
Task<void>
update_city_texts(pg::Session& session, TenantId tenant, CityId city, StoredCityTexts texts);

/// Whether a call of the city was recorded since `since`, looking back ten minutes from `now`.
Task<bool>
city_call_arrived(pg::Session& session, TenantId tenant, CityId city, Time since, Time now);

Task<SpanFigures>
agent_span_figures(pg::Session& session, TenantId tenant, AgentId agent, Span span);
Task<SpanFigures> city_span_figures(pg::Session& session, TenantId tenant, CityId city, Span span);
/// The three most frequent.
Task<std::vector<IssueCount>>
city_issues(pg::Session& session, TenantId tenant, CityId city, Span span);
/// Newest first, at most 50.
Task<std::vector<JudgedCall>>
agent_judged_calls(pg::Session& session, TenantId tenant, AgentId agent, Span span);
Task<std::vector<JudgedCall>>
city_judged_calls(pg::Session& session, TenantId tenant, CityId city, Span span);

/// How many agents got another recent_trend_array.
Task<std::int64_t> fill_agent_trends(pg::Session& session, TenantId tenant);

} // namespace hs::store
