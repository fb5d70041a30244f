/// JSON of agents' and cities' figures, shared by the routes that show them.
#pragma once

#include "base/json.hpp"
#include "store/figures.hpp"

namespace hs::api {

/// A mean of scores, at most four decimals; 0.0 over no calls.
void write_score(JsonWriter& json, std::string_view name, const ScoreSum& score);
/// `value` with `digits` decimals as a `num`.
void write_decimal(JsonWriter& json, std::string_view name, std::int64_t value, int digits);

/// `trend_data`: always the same four scores.
void write_trends(JsonWriter& json, const Figures& now, const Figures& before);

/// The object under `data` of an agent's figures.
void write_agent_data(JsonWriter& json, const store::AgentFigures& agent);
/// The object under `agent` of the documented alias.
void write_agent_summary(JsonWriter& json, const store::AgentFigures& agent);

/// The object under `data` of a city's figures.
void write_city_data(JsonWriter& json, const store::CityFigures& city);
/// The object under `city` of the documented alias.
void write_city_summary(JsonWriter& json, const store::CityFigures& city);

} // namespace hs::api
