#include "providers/stt/reply_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"

namespace hs::providers {

std::unexpected<Error> invalid_reply(const char* message) {
    return fail(ErrorKind::unavailable, "speech.invalid_reply", message);
}

Result<json::object> reply_object(std::string_view body) {
    auto parsed = parse_json(body);
    if (!parsed || !parsed->is_object()) return invalid_reply("reply is no JSON object");
    return std::move(parsed->get_object());
}

int milliseconds_of(std::optional<double> seconds) {
    return static_cast<int>(std::lround(std::clamp(seconds.value_or(0), 0.0, 1e6) * 1000));
}

std::string language_tag_of(std::string_view name) {
    struct Names {
        std::string_view tag, english, three_letters;
    };

    constexpr std::array<Names, 24> known{
        {{"en", "english", "eng"},   {"hi", "hindi", "hin"},      {"ur", "urdu", "urd"},
         {"bn", "bengali", "ben"},   {"ta", "tamil", "tam"},      {"te", "telugu", "tel"},
         {"mr", "marathi", "mar"},   {"gu", "gujarati", "guj"},   {"kn", "kannada", "kan"},
         {"ml", "malayalam", "mal"}, {"pa", "punjabi", "pan"},    {"ne", "nepali", "nep"},
         {"si", "sinhala", "sin"},   {"as", "assamese", "asm"},   {"sa", "sanskrit", "san"},
         {"ar", "arabic", "ara"},    {"es", "spanish", "spa"},    {"fr", "french", "fra"},
         {"de", "german", "deu"},    {"pt", "portuguese", "por"}, {"ru", "russian", "rus"},
         {"zh", "chinese", "zho"},   {"ja", "japanese", "jpn"},   {"it", "italian", "ita"}}};
    const auto lower = to_lower(trim(name));
    for (const auto& language : known)
        if (lower == language.english || lower == language.three_letters)
            return std::string(language.tag);
    return lower;
}

std::string two_letter_language(std::string_view tag) {
    const auto primary = tag.substr(0, tag.find('-'));
    return primary.size() == 2 ? to_lower(primary) : std::string();
}

} // namespace hs::providers
