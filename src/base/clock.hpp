/// Time: UTC instants in microseconds, as PostgreSQL keeps them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hs {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// Where the program takes its time from. Leases and schedules use the database's clock instead.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Time now() const override {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

/// "2026-02-03T08:35:12.480+00:00": RFC 3339, milliseconds, UTC.
[[nodiscard]] std::string rfc3339(Time time);

/// Reads RFC 3339 with any offset or Z; nullopt when malformed. `offset_missing` is set when the
/// only fault is a missing offset.
[[nodiscard]] std::optional<Time> parse_rfc3339(std::string_view text,
                                                bool* offset_missing = nullptr);

} // namespace hs
