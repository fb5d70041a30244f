/// Phone numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hs {

/// E.164 of a written phone number; nullopt when it is none. Blanks, dashes, dots and brackets are
/// dropped, "00" reads as "+"; without a country code it is read in `region` ("IN").
[[nodiscard]] std::optional<std::string> e164(std::string_view written, std::string_view region);

} // namespace hs
