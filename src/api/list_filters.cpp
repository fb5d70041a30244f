// The parameters that narrow lists of calls.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/call_filters.hpp"
#include "api/list_page.hpp"
#include "domain/call.hpp"
#include "domain/periods.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 4> statuses{"pending", "transcribed", "analyzed", "failed"};
// Beyond these the database and RFC 3339 do not mean the same year.
constexpr Time earliest{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};
constexpr Time latest{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};

std::unexpected<Error> bad(const char* code, std::string message) {
    return fail(ErrorKind::invalid, code, std::move(message));
}

/// Reads the parameters of a list into the members that filtered_calls of the schema knows.
class FilterReader {
public:
    explicit FilterReader(const http::Request& request) : request_(request) {}

    Result<json::object> read() {
        TRY_VOID(ids());
        TRY_VOID(scores());
        for (const auto* name : {"state", "issue", "external_id", "rule", "q"})
            TRY_VOID(text(name));
        TRY(const auto language, asked_language(request_));
        if (language) filters_["language"] = json::string(*language);
        for (const auto* name : {"flagged", "emergency", "reviewed"})
            TRY_VOID(flag(name));
        for (const auto* name : {"from", "to"})
            TRY_VOID(time(name));
        TRY_VOID(choice("status", statuses));
        TRY_VOID(choice("context", call_contexts));
        return std::move(filters_);
    }

private:
    Result<void> ids() {
        TRY(const auto agent, asked_agent(request_));
        if (agent) filters_["agent_id"] = json::string(agent->str());
        TRY(const auto city, asked_city(request_));
        if (city) filters_["city_id"] = city->value;
        return {};
    }

    Result<void> scores() {
        for (const auto* name : {"min_score", "max_score"}) {
            const auto text = request_.query_value(name);
            if (!text) continue;
            double score = 0;
            const auto [end, error] =
                std::from_chars(text->data(), text->data() + text->size(), score);
            const bool whole = error == std::errc{} && end == text->data() + text->size();
            if (!whole || !std::isfinite(score) || score < 0 || score > 1)
                return bad("query.range", fmt::format("{} must be between 0 and 1", name));
            // Scores have four decimals: from 0.70005 on means from 7001 on, up to it up to 7000.
            const auto basis_points = score * 10000.0;
            filters_[name] = static_cast<int>(std::string_view(name) == "min_score"
                                                  ? std::ceil(basis_points - 1e-6)
                                                  : std::floor(basis_points + 1e-6));
        }
        return {};
    }

    Result<void> text(const char* name) {
        TRY(const auto value, asked_text(request_, name));
        if (value) filters_[name] = json::string(*value);
        return {};
    }

    Result<void> flag(const char* name) {
        const auto value = request_.query_value(name);
        if (!value) return {};
        if (*value != "true" && *value != "false")
            return bad("query.choice", fmt::format("{}: true or false.", name));
        filters_[name] = *value == "true";
        return {};
    }

    Result<void> time(const char* name) {
        const auto value = request_.query_value(name);
        if (!value) return {};
        bool offset_missing = false;
        const auto time = parse_rfc3339(*value, &offset_missing);
        if (offset_missing)
            return bad("timestamp.offset_missing", fmt::format("{}: add the offset.", name));
        if (time && (*time < earliest || *time > latest))
            return bad("query.invalid", fmt::format("{}: a time of the years 1 to 9999.", name));
        if (time) {
            filters_[name] = json::string(exact_time(*time));
            return {};
        }
        const std::string text(*value);
        if (!parse_day(text))
            return bad("query.invalid", fmt::format("{}: a date or an RFC 3339 time.", name));
        // A day of the tenant: which instant it begins at is for the database to say.
        filters_[std::string(name) + "_day"] = json::string(text);
        return {};
    }

    template <typename Choices>
    Result<void> choice(const char* name, const Choices& choices) {
        const auto value = request_.query_value(name);
        if (!value) return {};
        if (std::ranges::find(choices, *value) == choices.end())
            return bad("query.choice",
                       fmt::format("{}: one of {}.", name, fmt::join(choices, ", ")));
        filters_[name] = json::string(*value);
        return {};
    }

    const http::Request& request_;
    json::object filters_;
};

} // namespace

Error too_broad() {
    return {ErrorKind::invalid,
            "query.too_broad",
            "More than 50,000 calls have these words. Add a word.",
            std::nullopt};
}

Result<json::object> asked_filters(const http::Request& request) {
    return FilterReader(request).read();
}

} // namespace hs::api
