/// What the dashboard's figures have in common: days and those before them, sets of figures, and
/// how they have changed.
#pragma once

#include "base/json.hpp"
#include "http/message.hpp"
#include "store/dashboard.hpp"

namespace hs::api {

struct ComparedDays {
    store::Days now{};
    store::Days before{}; // as many, just before
};

/// The asked days; without `from` the `wanted` days before `to`, without `to` up to and with today.
/// Errors: "query.range" beyond ten years, before 1900, or when `from` is after `to`.
[[nodiscard]] Result<ComparedDays> compared_days(const DayRange& asked, Day today, int wanted = 30);

[[nodiscard]] int days_in(const store::Days& days);

/// `from`, `to` and `previous_from`.
void write_days(JsonWriter& json, const ComparedDays& days);

/// The members of DashboardFigures.
void write_dashboard_figures(JsonWriter& json, std::string_view name, const Figures& figures);
/// The object FiguresChange.
void write_change(JsonWriter& json, const Figures& now, const Figures& before);

/// Share of emergencies among all calls, as a mean of zeros and ones.
[[nodiscard]] ScoreSum emergency_share(const Figures& figures);
/// Share of missed among firm answers.
[[nodiscard]] ScoreSum miss_share(const store::Answers& answers);

} // namespace hs::api
