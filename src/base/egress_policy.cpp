#include "base/egress_policy.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include <netinet/in.h>
#include <sys/socket.h>

namespace hs {

namespace {

struct Net4 {
    std::uint32_t prefix;
    int bits;
};

// The special-purpose registry of IPv4, without what falls under `nowhere`.
constexpr std::array special4{
    Net4{0x0A000000, 8},  // private
    Net4{0x64400000, 10}, // carrier-grade
    Net4{0x7F000000, 8},  // loopback
    Net4{0xA9FE0000, 16}, // link-local, cloud metadata
    Net4{0xAC100000, 12}, // private
    Net4{0xC0000000, 24}, // protocol assignments
    Net4{0xC0000200, 24}, // documentation
    Net4{0xC0586300, 24}, // 6to4 relays
    Net4{0xC0A80000, 16}, // private
    Net4{0xC6120000, 15}, // benchmarks
    Net4{0xC6336400, 24}, // documentation
    Net4{0xCB007100, 24}, // documentation
};

bool inside(std::uint32_t address, Net4 net) {
    return (address ^ net.prefix) >> (32 - net.bits) == 0;
}

Reach reach4(std::uint32_t address) {
    if (address >> 24 == 0 || address >= 0xE0000000) return Reach::nowhere;
    const bool special =
        std::ranges::any_of(special4, [address](Net4 net) { return inside(address, net); });
    return special ? Reach::here : Reach::anywhere;
}

struct Net6 {
    std::array<std::uint8_t, 4> prefix;
    int bits;
};

// Inside 2000::/3, the only block handed out for the public Internet.
constexpr std::array special6{
    Net6{{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments, Teredo
    Net6{{0x20, 0x01, 0x0D, 0xB8}, 32}, // documentation
    Net6{{0x20, 0x02, 0x00, 0x00}, 16}, // 6to4: holds an IPv4 address of any kind
    Net6{{0x3F, 0xFF, 0x00, 0x00}, 20}, // documentation
};

bool inside(std::span<const std::uint8_t, 16> address, const Net6& net) {
    for (int bit = 0; bit < net.bits; ++bit) {
        const auto at = static_cast<std::size_t>(bit / 8);
        if (((address[at] ^ net.prefix[at]) >> (7 - bit % 8) & 1) != 0) return false;
    }
    return true;
}

Reach reach6(std::span<const std::uint8_t, 16> address) {
    if (address[0] == 0xFF || std::ranges::all_of(address, [](auto byte) { return byte == 0; }))
        return Reach::nowhere;
    if (address[0] >> 5 != 1) return Reach::here;
    const bool special =
        std::ranges::any_of(special6, [address](const Net6& net) { return inside(address, net); });
    return special ? Reach::here : Reach::anywhere;
}

} // namespace

Reach reach_of(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return reach4(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        return reach6(std::span<const std::uint8_t, 16>(v6.sin6_addr.s6_addr));
    }
    return Reach::nowhere;
}

} // namespace hs
