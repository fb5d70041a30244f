/// Pieces of replies about scorecards, and how a version is found.
#pragma once

#include <optional>
#include <string>

#include "api/context.hpp"
#include "base/json.hpp"
#include "pipeline/scorecards.hpp"

namespace hs::api {

[[nodiscard]] Error scorecard_not_found();
[[nodiscard]] Error scorecard_version_not_found();

/// A version's number in a path; nullopt for anything else.
[[nodiscard]] std::optional<int> version_number(std::string_view text);

Task<std::optional<store::ScorecardVersion>> find_scorecard_version(const Context& context,
                                                                    TenantId tenant,
                                                                    std::string key,
                                                                    std::optional<int> number);

void write_ref(JsonWriter& json, const store::ScorecardRef& ref);
/// Members of a version without its text; begins and ends no object.
void write_version_head(JsonWriter& json, const store::ScorecardVersion& version);
/// `errors: […], warnings: […]`.
void write_findings(JsonWriter& json, const std::vector<analysis::Diagnostic>& findings);

/// 422 with every finding and its place.
[[nodiscard]] http::Response scorecard_problem(const http::Request& request,
                                               const std::vector<analysis::Diagnostic>& findings);

} // namespace hs::api
