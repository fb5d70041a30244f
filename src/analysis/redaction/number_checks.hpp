/// Tests a run of digits against the forms of numbers that belong to a person.
#pragma once

#include <string_view>

namespace hs::analysis::redaction {

[[nodiscard]] bool passes_luhn(std::string_view digits);
[[nodiscard]] bool passes_verhoeff(std::string_view digits);

/// Indian mobile with or without 0 / 91 / 0091; with `plus` any E.164 number of 8 to 15 digits.
[[nodiscard]] bool is_phone(std::string_view digits, bool plus);
[[nodiscard]] bool is_card(std::string_view digits);    ///< 13-19 digits with Luhn
[[nodiscard]] bool is_aadhaar(std::string_view digits); ///< 12 digits, first 2-9, Verhoeff

/// Upper-case letters and digits only: "ABCPE1234F".
[[nodiscard]] bool is_pan(std::string_view text);
/// "DL3CAB1234" (state code known) or "22BH1234AA".
[[nodiscard]] bool is_vehicle(std::string_view text);

} // namespace hs::analysis::redaction
