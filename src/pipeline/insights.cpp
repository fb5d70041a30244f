#include "pipeline/insights.hpp"

#include "base/text.hpp"

namespace hs::pipeline {

namespace {

const std::string_view* month_of(const json::value& entry, std::string_view& month) {
    const auto* object = entry.if_object();
    const auto* value = object == nullptr ? nullptr : object->if_contains("month");
    if (value == nullptr || !value->is_string()) return nullptr;
    month = value->get_string();
    return &month;
}

} // namespace

bool ends_sentence(std::string_view text) {
    return text.ends_with('.') || text.ends_with('!') || text.ends_with('?') ||
           text.ends_with("।") || text.ends_with("…") || text.ends_with(".”");
}

bool still_fresh(const InsightAge& age, bool forced) {
    if (!age.made) return false;
    if (*age.made >= age.asked) return true;
    return !forced && age.now - *age.made < std::chrono::hours(1);
}

std::string limited_words(std::string_view text, std::size_t most) {
    std::string out;
    std::size_t words = 0;
    std::size_t last_sentence = 0; // length of `out` up to there
    for (const auto part : split(text, ' ')) {
        if (part.empty()) continue;
        if (words == most) return last_sentence > 0 ? out.substr(0, last_sentence) : out + "…";
        if (!out.empty()) out += ' ';
        out += part;
        ++words;
        if (ends_sentence(part)) last_sentence = out.size();
    }
    return out;
}

std::string with_name(std::string text, std::string_view name) {
    const auto at = text.find(name_mark);
    if (at != std::string::npos) text.replace(at, name_mark.size(), name);
    return text;
}

json::array with_entry(const json::array& history, json::object entry) {
    std::string_view of_entry;
    std::string_view of_old;
    json::array out;
    const json::value fresh = std::move(entry);
    const bool named = month_of(fresh, of_entry) != nullptr;
    out.push_back(fresh);
    for (const auto& old : history) {
        if (out.size() == months_kept) break;
        if (named && month_of(old, of_old) != nullptr && of_old == of_entry) continue;
        out.push_back(old);
    }
    return out;
}

std::vector<MonthOnRecord> months_of(const json::array& history, std::string_view month) {
    std::vector<MonthOnRecord> out;
    std::string_view found;
    for (const auto& entry : history) {
        if (month_of(entry, found) == nullptr || found == month) continue;
        MonthOnRecord record{.month = std::string(found)};
        const auto* quality = entry.get_object().if_contains("overall_score");
        if (quality != nullptr && quality->is_number()) {
            record.quality =
                static_cast<int>(round_half_away(quality->to_number<double>() * 10000, 0));
        }
        out.push_back(std::move(record));
    }
    return out;
}

} // namespace hs::pipeline
