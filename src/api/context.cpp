#include "api/context.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::api {

namespace {

Error not_found(std::string_view what, std::string code, std::string_view id) {
    const auto uuid = Uuid::parse(id);
    auto message = uuid ? fmt::format("{} with ID {} not found", what, uuid->str())
                        : fmt::format("{} not found", what);
    return {ErrorKind::not_found, std::move(code), std::move(message), std::nullopt};
}

} // namespace

pipeline::Caller caller_of(const http::Request& request) {
    return {.tenant = request.principal.tenant,
            .name = request.principal.name,
            .address = request.remote_address,
            .request_id = request.request_id};
}

Error call_not_found(std::string_view id) {
    return not_found("Call", "call.not_found", id);
}

Error agent_not_found(std::string_view id) {
    return not_found("Agent", "agent.not_found", id);
}

std::string call_tag(Time updated_at) {
    return fmt::format("\"{:x}\"", updated_at.time_since_epoch().count());
}

Error city_not_found(std::string_view id) {
    const auto number = city_id_of(id);
    auto message = number ? fmt::format("City with ID {} not found", number->value)
                          : std::string("City not found");
    return {ErrorKind::not_found, "city.not_found", std::move(message), std::nullopt};
}

std::optional<CityId> city_id_of(std::string_view text) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return CityId{number};
}

Wait preferred_wait(const http::Request& request, std::chrono::seconds fallback) {
    const auto header = request.header("prefer");
    if (!header) return {fallback, false};
    for (const auto part : split(*header, ',')) {
        const auto preference = trim(part);
        if (!preference.starts_with("wait=")) continue;
        int seconds = 0;
        const auto digits = preference.substr(5);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        if (error != std::errc{} || end != digits.data() + digits.size()) continue;
        return {std::chrono::seconds(std::clamp(seconds, 0, 120)), true};
    }
    return {fallback, false};
}

} // namespace hs::api
