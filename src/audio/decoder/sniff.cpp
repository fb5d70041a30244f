#include "audio/decoder/sniff.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "audio/decoder/mp3_scan.hpp"

namespace hs::audio::decoder {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t head_bytes = 256u << 10;
/// As far as an mp3 is looked for behind other content.
constexpr std::size_t garbage_bytes = 2u << 20;

std::string_view text(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool has_at(const Bytes& bytes, std::size_t offset, std::string_view wanted) {
    return text(bytes).substr(std::min(offset, bytes.size())).starts_with(wanted);
}

std::uint32_t little_endian(const Bytes& bytes, std::size_t at, int width) {
    std::uint32_t value = 0;
    for (int i = width - 1; i >= 0; --i)
        value = value << 8 | bytes.at(at + static_cast<std::size_t>(i));
    return value;
}

Sniffed refuse(Outcome outcome, const char* detail) {
    Sniffed result;
    result.outcome = outcome;
    result.detail = detail;
    return result;
}

Sniffed accept(Format format, std::int64_t start) {
    Sniffed result;
    result.outcome = Outcome::ok;
    result.format = format;
    result.start = start;
    return result;
}

/// Lists of other files, and markup: nothing in them may ever be followed.
bool is_playlist(const Bytes& head) {
    constexpr std::array<std::string_view, 6> starts = {
        "#EXTM3U", "ffconcat", "[playlist]", "<?xml", "<smil", "<asx"};
    return std::ranges::any_of(starts, [&](auto start) { return has_at(head, 0, start); });
}

bool is_text(const Bytes& head) {
    const auto sample = text(head).substr(0, 512);
    return !sample.empty() && std::ranges::all_of(sample, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7F : byte == '\n' || byte == '\r' || byte == '\t';
    });
}

/// Well-formed files of kinds we do not take; naming them makes a better answer than "damaged".
bool is_other_kind(const Bytes& head) {
    using namespace std::string_view_literals;
    constexpr std::array<std::string_view, 14> starts = {"FORM"sv,
                                                         "#!AMR"sv,
                                                         ".snd"sv,
                                                         "\x30\x26\xB2\x75"sv,
                                                         "PK\x03\x04"sv,
                                                         "%PDF"sv,
                                                         "\x89PNG"sv,
                                                         "GIF8"sv,
                                                         "\xFF\xD8\xFF"sv,
                                                         "\x1F\x8B"sv,
                                                         "7z\xBC\xAF"sv,
                                                         "\x00\x00\x01\xBA"sv,
                                                         "MThd"sv,
                                                         "riff"sv};
    if (std::ranges::any_of(starts, [&](auto start) { return has_at(head, 0, start); }))
        return true;
    const bool adts = head.size() > 2 && head[0] == 0xFF && (head[1] & 0xF6) == 0xF0;
    return adts || (has_at(head, 0, "RIFF") && !has_at(head, 8, "WAVE") && head.size() > 12);
}

bool plain_wav_codec(std::uint32_t tag) {
    constexpr std::array<std::uint32_t, 4> known = {1, 3, 6, 7}; // PCM, float, A-law, mu-law
    return std::ranges::find(known, tag) != known.end();
}

struct WavFormat {
    std::uint32_t tag = 0;
    std::uint32_t channels = 0;
    std::uint32_t rate = 0;
    std::uint32_t bits = 0;
};

WavFormat wav_format(const Bytes& head, std::size_t at, std::size_t length) {
    WavFormat format{.tag = little_endian(head, at, 2),
                     .channels = little_endian(head, at + 2, 2),
                     .rate = little_endian(head, at + 4, 4),
                     .bits = little_endian(head, at + 14, 2)};
    // WAVE_FORMAT_EXTENSIBLE: the real tag begins the sub-format's identifier.
    if (format.tag == 0xFFFE && length >= 26) format.tag = little_endian(head, at + 24, 2);
    return format;
}

/// Writers that do not know the length leave 0, all ones or the largest signed number.
std::optional<std::int64_t> wav_duration_ms(const WavFormat& format, std::uint32_t data_bytes) {
    const std::int64_t bytes_per_second =
        std::int64_t{format.rate} * format.channels * format.bits / 8;
    if (data_bytes == 0 || data_bytes >= 0x7FFFF000u || bytes_per_second == 0) return std::nullopt;
    return std::int64_t{data_bytes} * 1000 / bytes_per_second;
}

Sniffed sniff_wav(const Bytes& head, std::int64_t start, std::int64_t size) {
    std::optional<WavFormat> format;
    std::size_t at = 12;
    while (at + 8 <= head.size()) {
        const std::uint32_t length = little_endian(head, at + 4, 4);
        if (has_at(head, at, "fmt ") && length >= 16 && at + 8 + 26 <= head.size()) {
            format = wav_format(head, at + 8, length);
            if (!plain_wav_codec(format->tag))
                return refuse(Outcome::unsupported_format, "wav codec");
            if (format->channels == 0 || format->channels > max_channels || format->rate == 0)
                return refuse(Outcome::invalid, "wav header");
        }
        if (has_at(head, at, "data")) {
            if (!format) return refuse(Outcome::invalid, "wav without format");
            if (start + static_cast<std::int64_t>(at) + 8 >= size)
                return refuse(Outcome::empty, "wav without sound");
            auto result = accept(Format::wav, start);
            if (!has_at(head, 0, "RF64"))
                result.header_duration_ms = wav_duration_ms(*format, length);
            return result;
        }
        at += 8 + std::size_t{length} + (length & 1);
    }
    return refuse(Outcome::empty, "wav without sound");
}

/// Length of the ID3v2 tag that begins `bytes`; 0 when there is none.
std::int64_t id3_bytes(const Bytes& bytes) {
    if (!has_at(bytes, 0, "ID3") || bytes.size() < 10) return 0;
    std::int64_t length = 0;
    for (std::size_t i = 6; i < 10; ++i)
        length = length << 7 | (bytes[i] & 0x7F);
    const bool footer = (bytes[5] & 0x10) != 0;
    return length + (footer ? 20 : 10);
}

std::optional<Sniffed> sniff_container(const Bytes& head, std::int64_t start, std::int64_t size) {
    using namespace std::string_view_literals;
    if ((has_at(head, 0, "RIFF") || has_at(head, 0, "RF64")) && has_at(head, 8, "WAVE"))
        return sniff_wav(head, start, size);
    if (has_at(head, 0, "OggS")) return accept(Format::ogg, start);
    if (has_at(head, 0, "fLaC")) return accept(Format::flac, start);
    if (has_at(head, 4, "ftyp")) return accept(Format::m4a, start);
    if (has_at(head, 0, "\x1A\x45\xDF\xA3"sv)) return accept(Format::webm, start);
    return std::nullopt;
}

} // namespace

const char* to_string(Format format) {
    switch (format) {
    case Format::mp3: return "mp3";
    case Format::wav: return "wav";
    case Format::ogg: return "ogg";
    case Format::flac: return "flac";
    case Format::m4a: return "m4a";
    case Format::webm: return "webm";
    }
    return "";
}

Bytes read_at(int fd, std::int64_t offset, std::size_t length) {
    Bytes bytes(length);
    std::size_t filled = 0;
    while (filled < length) {
        const ssize_t got = ::pread(
            fd, bytes.data() + filled, length - filled, offset + static_cast<std::int64_t>(filled));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

Sniffed sniff(int fd, std::int64_t size) {
    if (size == 0) return refuse(Outcome::empty, "no bytes");
    std::int64_t start = 0;
    auto head = read_at(fd, start, head_bytes);
    for (int tags = 0; id3_bytes(head) > 0; ++tags) {
        start += id3_bytes(head);
        if (start >= size || tags == 8) return refuse(Outcome::invalid, "tag longer than the file");
        head = read_at(fd, start, head_bytes);
    }
    if (is_playlist(head)) return refuse(Outcome::unsupported_format, "playlist");
    if (const auto container = sniff_container(head, start, size)) return *container;
    auto frames = find_mp3(head);
    if (!frames && head.size() == head_bytes) {
        head = read_at(fd, start, garbage_bytes);
        frames = find_mp3(head);
    }
    if (frames) {
        auto result = accept(Format::mp3, start + static_cast<std::int64_t>(frames->offset));
        result.header_duration_ms = frames->header_duration_ms;
        return result;
    }
    if (is_other_kind(head)) return refuse(Outcome::unsupported_format, "another kind of file");
    if (is_text(head)) return refuse(Outcome::unsupported_format, "text");
    return refuse(Outcome::invalid, "no sound found");
}

} // namespace hs::audio::decoder
