/// What a file is, found from its content alone, before any library sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

enum class Format { mp3, wav, ogg, flac, m4a, webm };

[[nodiscard]] const char* to_string(Format format);

struct Sniffed {
    Outcome outcome = Outcome::invalid; // ok: the rest is set
    const char* detail = "";
    Format format = Format::mp3;
    std::int64_t start = 0; // where the container begins (tags and garbage lie before it)
    std::optional<std::int64_t> header_duration_ms; // mp3 and wav; others: the demuxer's
};

/// `fd` is read with pread only; `size` is the length of the file.
[[nodiscard]] Sniffed sniff(int fd, std::int64_t size);

/// Up to `length` bytes at `offset`; fewer at the end of the file.
[[nodiscard]] std::vector<std::uint8_t> read_at(int fd, std::int64_t offset, std::size_t length);

} // namespace hs::audio::decoder
