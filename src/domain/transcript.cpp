#include "domain/transcript.hpp"

#include <algorithm>

namespace hs {

namespace {

std::vector<std::string> blank_separated(const std::string& text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto begin = text.find_first_not_of(" \t\r\n", at);
        if (begin == std::string::npos) break;
        const auto end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        at = end;
    }
    return words;
}

} // namespace

void interpolate_words(Turn& turn) {
    const auto words = blank_separated(turn.text);
    std::size_t characters = 0;
    for (const auto& word : words)
        characters += word.size() + 1;
    const double length = std::max(0, turn.end_ms - turn.start_ms);
    turn.words.clear();
    std::size_t before = 0;
    for (const auto& word : words) {
        const auto time_at = [&](std::size_t count) {
            return turn.start_ms +
                   static_cast<int>(length * static_cast<double>(count) /
                                    static_cast<double>(std::max<std::size_t>(characters, 1)));
        };
        Word timed;
        timed.text = word;
        timed.start_ms = time_at(before);
        before += word.size() + 1;
        timed.end_ms = time_at(before);
        timed.confidence = turn.confidence;
        turn.words.push_back(std::move(timed));
    }
}

std::string plain_text(const Transcript& transcript) {
    std::string text;
    for (const auto& turn : transcript.turns) {
        switch (turn.role) {
        case Role::agent: text += "Agent: "; break;
        case Role::customer: text += "Customer: "; break;
        case Role::system: text += "System: "; break;
        case Role::unknown: text += "Speaker: "; break;
        }
        text += turn.text;
        text += '\n';
    }
    if (!text.empty()) text.pop_back();
    return text;
}

} // namespace hs
