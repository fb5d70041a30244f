/// A multipart form of POST /ingest/call, written byte for byte, and small recordings to put in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/sounds.hpp"

namespace hs::test {

struct UploadForm {
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<std::string> file;
    std::string filename = "call.wav";
    static constexpr std::string_view boundary = "form-of-a-test-8b1f";

    UploadForm& set(std::string name, std::string value) {
        without(name);
        fields.emplace_back(std::move(name), std::move(value));
        return *this;
    }

    UploadForm& without(std::string_view name) {
        std::erase_if(fields, [&](const auto& field) { return field.first == name; });
        return *this;
    }

    [[nodiscard]] std::string body() const {
        std::string out;
        const auto part = [&](const std::string& disposition, std::string_view content) {
            out += "--" + std::string(boundary) + "\r\nContent-Disposition: form-data; " +
                   disposition + "\r\n\r\n";
            out += content;
            out += "\r\n";
        };
        for (const auto& [name, value] : fields)
            part("name=\"" + name + "\"", value);
        if (file) part("name=\"file\"; filename=\"" + filename + "\"", *file);
        return out + "--" + std::string(boundary) + "--\r\n";
    }

    static std::string content_type() {
        return "Content-Type: multipart/form-data; boundary=" + std::string(boundary) + "\r\n";
    }
};

/// 16 kHz mono PCM as a WAV file.
inline std::string wav_of(const Wave& wave) {
    std::string out = "RIFF";
    const auto number = [&out](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            out += static_cast<char>(value >> (8 * i) & 0xffU);
    };
    const auto size = static_cast<std::uint32_t>(wave.size() * 2);
    number(36 + size, 4);
    out += "WAVEfmt ";
    number(16, 4);
    number(1, 2); // PCM
    number(1, 2); // channels
    number(16000, 4);
    number(32000, 4);
    number(2, 2);
    number(16, 2);
    out += "data";
    number(size, 4);
    for (const auto sample : wave)
        number(static_cast<std::uint16_t>(sample), 2);
    return out;
}

} // namespace hs::test
