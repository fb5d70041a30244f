#include "providers/stt/vocabulary.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::providers {
namespace {

constexpr std::size_t least_words = 3;  // shorter phrases are spotted everywhere
constexpr std::size_t short_list = 100; // more phrases than these are patterns, not sentences
constexpr std::size_t most_spotted = 64;

/// Lower case words with single blanks between and one at each end, for looking one up in another.
std::string between_blanks(std::string_view phrase) {
    std::string out = " ";
    for (const std::string_view word : split(phrase, ' '))
        if (!word.empty()) out += to_lower(word) + " ";
    return out;
}

/// Phrases to spot: all of a short list; of a long one those that are a known way of speaking,
/// since spotting costs time for each. Longest first, for they are the surest.
std::vector<std::string> to_spot(const std::vector<std::string>& base,
                                 const std::vector<std::string>& phrases) {
    std::vector<std::string> ways;
    for (const std::string& phrase : base)
        ways.push_back(between_blanks(phrase));
    std::vector<std::string> out;
    for (const std::string& phrase : phrases) {
        const std::string words = between_blanks(phrase);
        const auto part_of_way = [&](const std::string& way) {
            return way.find(words) != std::string::npos;
        };
        if (std::ranges::count(words, ' ') <= static_cast<std::ptrdiff_t>(least_words)) continue;
        if (phrases.size() <= short_list || std::ranges::any_of(ways, part_of_way))
            out.push_back(phrase);
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &std::string::size);
    out.resize(std::min(out.size(), most_spotted));
    return out;
}

} // namespace

std::vector<std::string> read_vocabulary(const std::filesystem::path& path) {
    std::vector<std::string> phrases;
    const auto text = path.empty() ? Result<std::string>("") : read_file(path);
    if (!text) return phrases;
    for (const std::string_view line : split(*text, '\n')) {
        const std::string_view phrase = trim(line);
        if (!phrase.empty() && phrase[0] != '#') phrases.emplace_back(phrase);
    }
    return phrases;
}

std::string vocabulary_message(const std::vector<std::string>& base,
                               const std::vector<std::string>& phrases) {
    std::string out;
    const auto add = [&out](char kind, const std::string& phrase) {
        out += kind;
        for (const char c : phrase)
            out += c == '\n' ? ' ' : c;
        out += '\n';
    };
    for (const std::string& phrase : base)
        add('p', phrase);
    // A long list is not how people speak but the patterns of all rules, in all languages.
    for (const std::string& phrase : phrases)
        add(phrases.size() <= short_list ? 'p' : 'f', phrase);
    for (const std::string& phrase : to_spot(base, phrases))
        add('k', phrase);
    return out;
}

} // namespace hs::providers
