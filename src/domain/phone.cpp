#include "domain/phone.hpp"

namespace hs {

std::optional<std::string> e164(std::string_view written, std::string_view region) {
    std::string digits;
    bool international = false;
    for (const char c : written) {
        if (c >= '0' && c <= '9') {
            digits += c;
        } else if (c == '+' && digits.empty() && !international) {
            international = true;
        } else if (std::string_view(" -.()/").find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    if (!international && digits.starts_with("00")) {
        international = true;
        digits.erase(0, 2);
    }
    if (!international) {
        if (region != "IN") return std::nullopt;
        if (digits.size() == 11 && digits.starts_with("0")) digits.erase(0, 1);
        if (digits.size() == 12 && digits.starts_with("91")) digits.erase(0, 2);
        if (digits.size() != 10) return std::nullopt;
        digits = "91" + digits;
    }
    if (digits.size() < 7 || digits.size() > 15 || digits.front() == '0') return std::nullopt;
    return "+" + digits;
}

} // namespace hs
