#include "api/call_filters.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr std::size_t longest_text = 200;
constexpr std::int32_t largest_city = std::numeric_limits<std::int32_t>::max();

} // namespace

Result<std::optional<AgentId>> asked_agent(const http::Request& request) {
    const auto text = request.query_value("agent_id");
    if (!text) return std::nullopt;
    const auto id = AgentId::parse(*text);
    if (!id) return fail(ErrorKind::invalid, "query.invalid", "agent_id: a UUID.");
    return id;
}

Result<std::optional<CityId>> asked_city(const http::Request& request) {
    const auto text = request.query_value("city_id");
    if (!text) return std::nullopt;
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const bool whole = error == std::errc{} && end == text->data() + text->size();
    if (!whole || number < 1)
        return fail(
            ErrorKind::invalid, "query.range", fmt::format("city_id: 1 to {}.", largest_city));
    return CityId{number};
}

Result<std::optional<std::string>> asked_text(const http::Request& request, std::string_view name) {
    const auto value = request.query_value(name);
    if (!value) return std::nullopt;
    const auto trimmed = trim(*value);
    if (trimmed.empty())
        return fail(ErrorKind::invalid, "query.invalid", fmt::format("{} is empty.", name));
    if (!valid_utf8(trimmed) || has_control_characters(trimmed) ||
        character_count(trimmed) > longest_text) {
        return fail(ErrorKind::invalid,
                    "query.invalid",
                    fmt::format("{}: printable text, at most {} characters.", name, longest_text));
    }
    return nfc(trimmed);
}

Result<std::optional<std::string>> asked_language(const http::Request& request) {
    TRY(auto language, asked_text(request, "language"));
    if (language) language = to_lower(*language);
    return language;
}

Result<store::CallFilter> asked_calls(const http::Request& request,
                                      std::initializer_list<std::string_view> taken) {
    const auto takes = [&](std::string_view name) {
        return std::ranges::find(taken, name) != taken.end();
    };
    store::CallFilter filter;
    if (takes("state")) {
        TRY(filter.state, asked_text(request, "state"));
    }
    if (takes("city_id")) {
        TRY(filter.city, asked_city(request));
    }
    if (takes("agent_id")) {
        TRY(filter.agent, asked_agent(request));
    }
    if (takes("issue")) {
        TRY(filter.issue, asked_text(request, "issue"));
    }
    if (takes("language")) {
        TRY(filter.language, asked_language(request));
    }
    return filter;
}

} // namespace hs::api
