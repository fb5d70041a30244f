/// Identifiers. Distinct types, so that an agent's id is never taken for a call's.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace hs {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] std::string str() const; ///< lower case with dashes
    auto operator<=>(const Uuid&) const = default;

    /// Accepts any case, with or without dashes; nullopt when it is no UUID.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
    /// Random (version 4).
    [[nodiscard]] static Uuid random();
    /// Ordered by time (version 7).
    [[nodiscard]] static Uuid v7(Time now);
};

template <typename Tag>
struct Id {
    Uuid value;

    [[nodiscard]] std::string str() const { return value.str(); }

    auto operator<=>(const Id&) const = default;

    [[nodiscard]] static std::optional<Id> parse(std::string_view text) {
        const auto uuid = Uuid::parse(text);
        return uuid ? std::optional(Id{*uuid}) : std::nullopt;
    }

    [[nodiscard]] static Id make(Time now) { return Id{Uuid::v7(now)}; }
};

using TenantId = Id<struct TenantTag>;
using CallId = Id<struct CallTag>;
using AgentId = Id<struct AgentTag>;
using EvaluationId = Id<struct EvaluationTag>;
using TranscriptId = Id<struct TranscriptTag>;

struct CityId {
    std::int32_t value = 0;
    auto operator<=>(const CityId&) const = default;
};

struct JobId {
    std::int64_t value = 0;
    auto operator<=>(const JobId&) const = default;
};

} // namespace hs

template <>
struct std::hash<hs::Uuid> {
    std::size_t operator()(const hs::Uuid& uuid) const noexcept;
};
