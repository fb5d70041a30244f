/// The list of settings: name, how the text is read, what it means.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/config.hpp"

namespace hs::app {

struct Setting {
    const char* name;
    const char* meaning;
    bool secret = false;
    /// Puts the text into the config; gives what was expected instead, or nothing.
    std::string (*read)(Config& config, std::string_view text) = nullptr;
    /// The present value as text.
    std::string (*show)(const Config& config) = nullptr;
};

[[nodiscard]] std::span<const Setting> all_settings();

/// Those of the audio store in a bucket; part of all_settings().
[[nodiscard]] std::span<const Setting> bucket_settings();

} // namespace hs::app
