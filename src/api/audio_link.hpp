/// Links to audio that carry their own authority: signed, with an expiry, made per reply.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/ids.hpp"

namespace hs::api {

class AudioLinks {
public:
    AudioLinks() = default;

    AudioLinks(const Key256& key, std::string base_url, std::chrono::seconds lifetime)
        : key_(key), base_url_(std::move(base_url)), lifetime_(lifetime) {}

    /// Absolute URL of a call's audio: "…/api/calls/{id}/audio?expires=…&sig=…".
    [[nodiscard]] std::string
    url(TenantId tenant, CallId call, std::string_view variant, Time now) const;
    /// Whether `signature` was made for exactly this and has not expired.
    [[nodiscard]] bool valid(TenantId tenant,
                             CallId call,
                             std::string_view variant,
                             std::string_view expires,
                             std::string_view signature,
                             Time now) const;

private:
    [[nodiscard]] std::string signature(TenantId tenant,
                                        CallId call,
                                        std::string_view variant,
                                        std::string_view expires) const;

    Key256 key_{};
    std::string base_url_;
    std::chrono::seconds lifetime_{3600};
};

} // namespace hs::api
