#include "api/audio_link.hpp"

#include <charconv>

#include <fmt/format.h>

namespace hs::api {

std::string
AudioLinks::url(TenantId tenant, CallId call, std::string_view variant, Time now) const {
    const auto expires = std::chrono::floor<std::chrono::seconds>(now + lifetime_);
    const auto seconds = fmt::format("{}", expires.time_since_epoch().count());
    auto link = fmt::format("{}/api/calls/{}/audio?expires={}&sig={}",
                            base_url_,
                            call.str(),
                            seconds,
                            signature(tenant, call, variant, seconds));
    if (variant != "playback") link += fmt::format("&variant={}", variant);
    return link;
}

bool AudioLinks::valid(TenantId tenant,
                       CallId call,
                       std::string_view variant,
                       std::string_view expires,
                       std::string_view given,
                       Time now) const {
    std::int64_t seconds = 0;
    const auto [end, error] =
        std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    if (error != std::errc{} || end != expires.data() + expires.size()) return false;
    if (Time(std::chrono::seconds(seconds)) < now) return false;
    return equal_constant_time(bytes_of(signature(tenant, call, variant, expires)),
                               bytes_of(given));
}

std::string AudioLinks::signature(TenantId tenant,
                                  CallId call,
                                  std::string_view variant,
                                  std::string_view expires) const {
    const auto message =
        fmt::format("audio\n{}\n{}\n{}\n{}", tenant.str(), call.str(), variant, expires);
    return base64url(hmac_sha256(key_, bytes_of(message)));
}

} // namespace hs::api
