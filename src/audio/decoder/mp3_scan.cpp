#include "audio/decoder/mp3_scan.hpp"

#include <array>
#include <cstring>

namespace hs::audio::decoder {

namespace {

using View = std::span<const std::uint8_t>;

struct FrameFacts {
    std::size_t bytes = 0;
    int samples = 0;
    int rate = 0;
    bool mpeg1 = false;
    bool mono = false;
    std::uint32_t identity = 0; // bits that do not change within one stream
};

std::uint32_t big_endian(View bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

/// ISO 11172-3 and 13818-3, layer III: the frame that begins at `at`.
std::optional<FrameFacts> frame_at(View bytes, std::size_t at) {
    constexpr std::array<int, 16> kbit_v1 = {
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
    constexpr std::array<int, 16> kbit_v2 = {
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};
    constexpr std::array<int, 4> rates = {44100, 48000, 32000, 0};
    if (at + 4 > bytes.size()) return std::nullopt;
    const std::uint32_t head = big_endian(bytes, at);
    const auto version = head >> 19 & 3; // 0: 2.5, 1: reserved, 2: 2, 3: 1
    const auto layer = head >> 17 & 3;   // 1: layer III
    if (head >> 21 != 0x7FF || version == 1 || layer != 1) return std::nullopt;
    FrameFacts facts;
    facts.mpeg1 = version == 3;
    const int kbit = (facts.mpeg1 ? kbit_v1 : kbit_v2).at(head >> 12 & 15);
    const int rate = rates.at(head >> 10 & 3);
    if (kbit == 0 || rate == 0) return std::nullopt;
    facts.rate = version == 3 ? rate : version == 2 ? rate / 2 : rate / 4;
    facts.samples = facts.mpeg1 ? 1152 : 576;
    facts.mono = (head >> 6 & 3) == 3;
    const auto padding = head >> 9 & 1;
    facts.bytes = static_cast<std::size_t>(facts.samples / 8 * kbit * 1000 / facts.rate) + padding;
    facts.identity = head & 0xFFFE0C00u;
    return facts;
}

bool stream_begins(View bytes, std::size_t at) {
    constexpr int frames_wanted = 3;
    const auto first = frame_at(bytes, at);
    if (!first) return false;
    std::size_t next = at + first->bytes;
    for (int i = 1; i < frames_wanted; ++i) {
        const auto frame = frame_at(bytes, next);
        if (!frame || frame->identity != first->identity) return false;
        next += frame->bytes;
    }
    return true;
}

/// Encoders put the number of frames where the first frame's sound would be.
std::optional<std::int64_t> announced_ms(View bytes, std::size_t at, const FrameFacts& frame) {
    const std::size_t side_info = frame.mpeg1 ? (frame.mono ? 17 : 32) : (frame.mono ? 9 : 17);
    const auto tag = [&](std::size_t offset, const char* name) {
        return offset + 20 <= bytes.size() && std::memcmp(&bytes[offset], name, 4) == 0;
    };
    std::uint32_t frames = 0;
    const std::size_t xing = at + 4 + side_info;
    const std::size_t vbri = at + 36;
    if (tag(xing, "Xing") || tag(xing, "Info")) {
        const bool has_frames = (big_endian(bytes, xing + 4) & 1) != 0;
        if (has_frames) frames = big_endian(bytes, xing + 8);
    } else if (tag(vbri, "VBRI")) {
        frames = big_endian(bytes, vbri + 14);
    }
    if (frames == 0) return std::nullopt;
    return std::int64_t{frames} * frame.samples * 1000 / frame.rate;
}

} // namespace

std::optional<Mp3Start> find_mp3(View bytes) {
    for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {
        if (bytes[at] != 0xFF || !stream_begins(bytes, at)) continue;
        const auto first = frame_at(bytes, at);
        return Mp3Start{.offset = at, .header_duration_ms = announced_ms(bytes, at, *first)};
    }
    return std::nullopt;
}

} // namespace hs::audio::decoder
