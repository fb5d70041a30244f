/// Making texts about agents and cities: one at a time for each of them, kept when making fails.
#pragma once

#include <optional>

#include "pipeline/ingest.hpp"
#include "pipeline/insights.hpp"

namespace hs::pipeline {

struct InsightParts {
    pg::Database& database;
    Log log;
    const InsightWriter& writer;
};

enum class InsightState {
    cached,      // made within the last hour
    made,        // just now
    no_calls,    // in the last 30 days: fixed texts
    unavailable, // making failed: the texts of before
};

struct AgentInsights {
    InsightState state = InsightState::cached;
    AgentTexts texts;
};

struct CityInsights {
    InsightState state = InsightState::cached;
    CityTexts texts;
    std::string name;
};

/// Nothing when there is no such agent (city). Requests at the same time share one run: the others
/// wait for it and get its texts. `force` makes texts younger than an hour anew, and is audited.
Task<std::optional<AgentInsights>>
agent_insights(const InsightParts& parts, Caller caller, AgentId agent, bool force);
Task<std::optional<CityInsights>>
city_insights(const InsightParts& parts, Caller caller, CityId city, bool force);

/// Duty of the leader: recent_trend_array of all agents, up to yesterday.
Task<void> fill_agent_trends(const Services& services);

} // namespace hs::pipeline
