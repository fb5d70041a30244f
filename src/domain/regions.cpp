#include "domain/regions.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace hs {

namespace {

struct State {
    std::string_view key; // folded name
    std::string_view code;
    bool is_former = false; // or longer than people say
};

constexpr std::array states{
    State{"andaman and nicobar islands", "IN-AN"},
    State{"andhra pradesh", "IN-AP"},
    State{"arunachal pradesh", "IN-AR"},
    State{"assam", "IN-AS"},
    State{"bihar", "IN-BR"},
    State{"chandigarh", "IN-CH"},
    State{"chhattisgarh", "IN-CG"},
    State{"dadra and nagar haveli and daman and diu", "IN-DH"},
    State{"delhi", "IN-DL"},
    State{"goa", "IN-GA"},
    State{"gujarat", "IN-GJ"},
    State{"haryana", "IN-HR"},
    State{"himachal pradesh", "IN-HP"},
    State{"jammu and kashmir", "IN-JK"},
    State{"jharkhand", "IN-JH"},
    State{"karnataka", "IN-KA"},
    State{"kerala", "IN-KL"},
    State{"ladakh", "IN-LA"},
    State{"lakshadweep", "IN-LD"},
    State{"madhya pradesh", "IN-MP"},
    State{"maharashtra", "IN-MH"},
    State{"manipur", "IN-MN"},
    State{"meghalaya", "IN-ML"},
    State{"mizoram", "IN-MZ"},
    State{"nagaland", "IN-NL"},
    State{"national capital territory of delhi", "IN-DL", true},
    State{"nct of delhi", "IN-DL", true},
    State{"odisha", "IN-OD"},
    State{"orissa", "IN-OD", true},
    State{"pondicherry", "IN-PY", true},
    State{"puducherry", "IN-PY"},
    State{"punjab", "IN-PB"},
    State{"rajasthan", "IN-RJ"},
    State{"sikkim", "IN-SK"},
    State{"tamil nadu", "IN-TN"},
    State{"tamilnadu", "IN-TN", true},
    State{"telangana", "IN-TS"},
    State{"tripura", "IN-TR"},
    State{"uttar pradesh", "IN-UP"},
    State{"uttarakhand", "IN-UK"},
    State{"uttaranchal", "IN-UK", true},
    State{"west bengal", "IN-WB"},
};

} // namespace

std::optional<std::string_view> state_code(std::string_view name) {
    auto key = name_key(name);
    if (const auto ampersand = key.find('&'); ampersand != std::string::npos)
        key.replace(ampersand, 1, "and");
    const auto* const found = std::ranges::find(states, key, &State::key);
    return found == states.end() ? std::nullopt : std::optional(found->code);
}

std::optional<std::string> state_name(std::string_view code) {
    const auto* const found = std::ranges::find_if(
        states, [&](const State& state) { return state.code == code && !state.is_former; });
    if (found == states.end()) return std::nullopt;
    std::string name(found->key);
    bool begins = true;
    for (std::size_t at = 0; at < name.size(); ++at) {
        const bool particle = name.compare(at, 4, "and ") == 0 && at > 0;
        if (begins && !particle) name[at] = static_cast<char>(name[at] - 'a' + 'A');
        begins = name[at] == ' ';
    }
    return name;
}

} // namespace hs
