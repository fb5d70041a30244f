/// Figures of agents, cities and states: read from the rollups, or counted from the calls where no
/// rollup knows the filter.
///
/// Two statements may stand on two sides of a fold; whoever keeps a reply reads the edition first.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/task.hpp"
#include "domain/figures.hpp"
#include "domain/periods.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// What a reply made of figures depends on. `pending`: the newest change that is not folded yet,
/// read for lists of names only.
struct Edition {
    Day today{}; // in the tenant's zone
    std::int64_t version = 0;
    std::int64_t pending = 0;
};

Task<Edition> figures_edition(pg::Session& session, TenantId tenant);
Task<Edition> directory_edition(pg::Session& session, TenantId tenant);

/// Which calls figures are about, beside their days.
struct CallFilter {
    std::optional<std::string> state{};
    std::optional<CityId> city{};
    std::optional<AgentId> agent{};
    std::optional<std::string> issue{};
    std::optional<std::string> language{}; // lower case
    bool firm = false;                     // provisional calls have no part in the quality
};

/// The filter in one spelling: a JSON object, as filtered_calls of the schema reads it.
[[nodiscard]] std::string filter_text(const CallFilter& filter);
/// Whether the sums of agents, those of cities and issues, know the filter. Otherwise the calls
/// are counted, which takes the longer the more they are.
[[nodiscard]] bool agent_sums_know(const CallFilter& filter);
[[nodiscard]] bool city_sums_know(const CallFilter& filter);

struct Narrowing {
    DayRange days{};
    CallFilter calls{};
};

/// Figures of one agent or city. `current` is all time or the range asked for.
struct PeriodFigures {
    Figures current{};
    Figures today{};
    Figures month{};
    Figures last_month{};
};

struct AgentFigures {
    AgentId id;
    std::string name;
    std::optional<std::string> employee_id{};
    std::vector<std::string> languages{};
    std::optional<std::string> latest_month_insight{};
    std::optional<std::string> overall_insight_text{};
    std::optional<std::string> latest_change_summary{};
    std::string insight_history; // JSON
    std::string recent_trend;    // JSON
    std::optional<Time> last_insight_at{};
    std::optional<Time> last_updated_at{};
    PeriodFigures figures{};
};

struct CityFigures {
    CityId id;
    std::string name;
    std::optional<std::string> state{};
    bool has_insights = false;
    bool has_calls = false; // any at all
    std::optional<std::string> daily_ops_insight{};
    std::optional<std::string> latest_month_insight{};
    std::optional<std::string> overall_city_insight{};
    std::optional<std::string> coaching_focus{};
    std::vector<std::string> operational_risks{}; // at most ten
    PeriodFigures figures{};
};

/// nullopt: no such agent or city. The filter's own agent, city and state play no part where the
/// agent or the city is named anyway.
Task<std::optional<AgentFigures>>
agent_figures(pg::Session& session, TenantId tenant, AgentId agent, Narrowing asked, Day today);
Task<std::optional<CityFigures>>
city_figures(pg::Session& session, TenantId tenant, CityId city, Narrowing asked, Day today);

struct LeaderboardRow {
    std::int64_t rank = 0;
    AgentId agent;
    std::string name;
    Figures figures{};
};

/// The last row of the page before, in the terms of the order.
struct LeaderboardPlace {
    std::int64_t score = 0; // basis points
    std::int64_t calls = 0;
    std::string name;
    AgentId agent;
};

struct LeaderboardQuery {
    Narrowing asked{};
    std::int64_t min_calls = 0;
    std::optional<LeaderboardPlace> after{};
    int limit = 0;
};

Task<std::vector<LeaderboardRow>>
leaderboard(pg::Session& session, TenantId tenant, LeaderboardQuery query);

struct AgentMonth {
    AgentId agent;
    Figures figures{};
};

/// Agents with calls in the month, in no order.
Task<std::vector<AgentMonth>>
agents_month(pg::Session& session, TenantId tenant, Day first_of_month, CallFilter filter);

struct FoundAgent {
    AgentId id;
    std::string name;
    std::optional<std::string> employee_id{};
    ScoreSum quality{};
};

/// Agents whose name or employee id holds the text, whatever its case.
Task<std::vector<FoundAgent>>
search_agents(pg::Session& session, TenantId tenant, std::string text, int limit);

struct MapCity {
    CityId id;
    std::string name;
    std::string state;
    std::optional<double> latitude{};
    std::optional<double> longitude{};
    Figures figures{};
};

struct StateIssue {
    std::string state;
    std::string issue;
};

struct IndiaMap {
    std::vector<MapCity> cities; // those of one state together, states and cities in their order
    std::vector<StateIssue> top_issues;
    std::int64_t tenant_calls = 0; // that the filter leaves, also without city or state
};

Task<IndiaMap> india_map(pg::Session& session, TenantId tenant, Narrowing asked);

struct AgentDay {
    std::string day; // "2026-02-01"
    ScoreSum quality{};
};

struct Outcomes {
    std::int64_t resolved = 0;
    std::int64_t unresolved = 0;
    std::int64_t escalated = 0;
    std::int64_t pending = 0;
};

/// Both ends of the days have to be set.
Task<std::vector<AgentDay>>
agent_days(pg::Session& session, TenantId tenant, AgentId agent, Narrowing asked);
Task<Outcomes>
agent_outcomes(pg::Session& session, TenantId tenant, AgentId agent, CallFilter filter);
/// Coaching texts of the newest calls that have one.
Task<std::vector<std::string>>
agent_coaching(pg::Session& session, TenantId tenant, AgentId agent, int most);

} // namespace hs::store
