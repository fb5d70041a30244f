#include "http/request_id.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/crypto.hpp"

namespace hs::http {

namespace {

constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool is_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace

std::string request_id(std::optional<std::string_view> sent) {
    if (sent && !sent->empty() && sent->size() <= 128 && std::ranges::all_of(*sent, is_id_char))
        return std::string(*sent);
    return make_ulid();
}

std::string make_ulid() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    auto time = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    std::string id(26, '0');
    for (std::size_t i = 10; i-- > 0; time >>= 5)
        id[i] = crockford[time & 31];
    std::array<std::uint8_t, 16> random{};
    random_bytes(random);
    for (std::size_t i = 0; i < random.size(); ++i)
        id[10 + i] = crockford[random[i] & 31];
    return id;
}

std::optional<std::string> trace_id(std::string_view traceparent) {
    // 00-<32 hex>-<16 hex>-<2 hex>; an id of zeros is invalid.
    if (traceparent.size() != 55 || !traceparent.starts_with("00-") || traceparent[35] != '-' ||
        traceparent[52] != '-')
        return std::nullopt;
    const auto id = traceparent.substr(3, 32);
    if (!is_lower_hex(id) || !is_lower_hex(traceparent.substr(36, 16)) ||
        id.find_first_not_of('0') == std::string_view::npos)
        return std::nullopt;
    return std::string(id);
}

} // namespace hs::http
