/// Figures of the dashboard: one set of calls over time, by one of their dimensions, and the
/// answers to the scorecard's questions.
///
/// Read from the rollups; where none knows filter and dimension, counted from the calls.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/figures.hpp"

namespace hs::store {

/// Half-open, both ends set.
struct Days {
    Day from{};
    Day to{};
};

enum class Dimension { none, agent, city, state, issue, language };
enum class Interval { day, week, month, whole }; // whole: the days are one bucket

[[nodiscard]] bool sums_know(const CallFilter& filter, Dimension by);
[[nodiscard]] bool answer_sums_know(const CallFilter& filter);

struct FiguresPlace {
    std::string key; // id, name of the state, issue or language; empty: belongs to none
    Day bucket{};
    Figures figures{};
};

struct OverTime {
    Days days{};
    CallFilter calls{};
    Dimension by = Dimension::none;
    Interval interval = Interval::whole;
};

/// By key and bucket; those without calls are left out.
Task<std::vector<FiguresPlace>>
figures_over_time(pg::Session& session, TenantId tenant, OverTime asked);

struct Answers {
    std::int64_t met = 0;
    std::int64_t missed = 0;
    std::int64_t unsure = 0;

    [[nodiscard]] std::int64_t firm() const { return met + missed; }

    Answers& operator+=(const Answers& other) {
        met += other.met;
        missed += other.missed;
        unsure += other.unsure;
        return *this;
    }
};

struct AnswersPlace {
    std::string rule_id;
    Day bucket{};
    Answers answers{};
};

/// By question and bucket; `asked.by` plays no part.
Task<std::vector<AnswersPlace>>
answers_over_time(pg::Session& session, TenantId tenant, OverTime asked);

/// That nobody has taken up, of the calls that the filter leaves.
Task<std::int64_t> open_escalations(pg::Session& session, TenantId tenant, CallFilter filter);

using Names = std::map<std::string, std::string>; // by id
Task<Names> names_of_agents(pg::Session& session, TenantId tenant, std::vector<std::string> ids);

struct PlacedCity {
    std::string key; // the id as text
    CityId id;
    std::string name;
    std::string state; // empty: none
    std::optional<double> latitude{};
    std::optional<double> longitude{};
};

/// Every city, by name.
Task<std::vector<PlacedCity>> placed_cities(pg::Session& session, TenantId tenant);

} // namespace hs::store
