#include "base/ids.hpp"

#include <cstring>

#include "base/crypto.hpp"

namespace hs {

namespace {

void set_version(Uuid& uuid, std::uint8_t version) {
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | (version << 4));
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
}

bool dash_place(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

} // namespace

std::string Uuid::str() const {
    const auto digits = hex(bytes);
    std::string out;
    out.reserve(36);
    for (const char c : digits) {
        if (dash_place(out.size())) out += '-';
        out += c;
    }
    return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 32 && text.size() != 36) return std::nullopt;
    std::string digits;
    digits.reserve(32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.size() == 36 && dash_place(i)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        digits += text[i];
    }
    const auto parsed = parse_hex(digits);
    if (!parsed) return std::nullopt;
    Uuid out;
    std::memcpy(out.bytes.data(), parsed->data(), out.bytes.size());
    return out;
}

Uuid Uuid::random() {
    Uuid out;
    random_bytes(out.bytes);
    set_version(out, 4);
    return out;
}

Uuid Uuid::v7(Time now) {
    Uuid out;
    random_bytes(std::span(out.bytes).subspan(8));
    const auto micros = now.time_since_epoch().count();
    const auto millis = static_cast<std::uint64_t>(micros / 1000);
    for (std::size_t i = 0; i < 6; ++i)
        out.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
    // RFC 9562 method 3: the 12 bits after the version hold the fraction of the millisecond, so
    // that ids made within one millisecond keep their order.
    const auto fraction = static_cast<std::uint64_t>(micros % 1000) * 4096 / 1000;
    out.bytes[6] = static_cast<std::uint8_t>(fraction >> 8);
    out.bytes[7] = static_cast<std::uint8_t>(fraction);
    set_version(out, 7);
    return out;
}

} // namespace hs

std::size_t std::hash<hs::Uuid>::operator()(const hs::Uuid& uuid) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), 8);
    std::memcpy(&low, uuid.bytes.data() + 8, 8);
    return high ^ (low * 0x9E3779B97F4A7C15u);
}
