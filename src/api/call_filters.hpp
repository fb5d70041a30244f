/// Parameters that narrow calls, read alike by lists of calls and by figures.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "http/message.hpp"
#include "store/figures.hpp"

namespace hs::api {

/// `agent_id`. Errors: "query.invalid".
[[nodiscard]] Result<std::optional<AgentId>> asked_agent(const http::Request& request);
/// `city_id`. Errors: "query.range".
[[nodiscard]] Result<std::optional<CityId>> asked_city(const http::Request& request);
/// Printable text that is not blank, trimmed. Errors: "query.invalid".
[[nodiscard]] Result<std::optional<std::string>> asked_text(const http::Request& request,
                                                            std::string_view name);
/// `language`, in lower case as it is stored. Errors: "query.invalid".
[[nodiscard]] Result<std::optional<std::string>> asked_language(const http::Request& request);

/// Of state, city_id, agent_id, issue and language those that the route takes.
[[nodiscard]] Result<store::CallFilter> asked_calls(const http::Request& request,
                                                    std::initializer_list<std::string_view> taken);

/// The parameters that narrow lists of calls, as members that filtered_calls of the schema knows.
[[nodiscard]] Result<json::object> asked_filters(const http::Request& request);

/// Their names.
inline constexpr std::array<std::string_view, 17> filter_names{"agent_id",
                                                               "city_id",
                                                               "state",
                                                               "issue",
                                                               "language",
                                                               "from",
                                                               "to",
                                                               "min_score",
                                                               "max_score",
                                                               "flagged",
                                                               "emergency",
                                                               "status",
                                                               "context",
                                                               "external_id",
                                                               "rule",
                                                               "reviewed",
                                                               "q"};
/// What the schema raises when `q` leaves too many calls, and the answer to it.
inline constexpr const char* too_many_matches = "HS001";
[[nodiscard]] Error too_broad();

} // namespace hs::api
