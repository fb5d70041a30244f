#include "pipeline/objects.hpp"

#include <chrono>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::pipeline {

providers::BlobKey object_key(TenantId tenant,
                              CallId call,
                              Time created_at,
                              const Sha256& sha256,
                              std::string_view variant,
                              std::string_view extension) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(created_at)};
    auto path = fmt::format("t/{}/{:04}/{:02}/{}/{}.{}",
                            tenant.str(),
                            static_cast<int>(day.year()),
                            static_cast<unsigned>(day.month()),
                            call.str(),
                            hex(sha256),
                            extension);
    return {tenant, call, std::string(variant), std::move(path)};
}

providers::BlobKey
stored_key(TenantId tenant, CallId call, std::string path, std::string_view variant) {
    return {tenant, call, std::string(variant), std::move(path)};
}

std::optional<CallId> call_of_path(std::string_view path) {
    const auto parts = split(path, '/');
    if (parts.size() != 6 || parts[0] != "t") return std::nullopt;
    return CallId::parse(parts[4]);
}

std::string_view variant_of_path(std::string_view path) {
    if (path.ends_with(".form")) return "form";
    if (path.ends_with(".redacted.mp3")) return "redacted";
    return path.ends_with(".playback.mp3") ? "playback" : "original";
}

} // namespace hs::pipeline
