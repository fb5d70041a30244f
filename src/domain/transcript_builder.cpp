#include "domain/transcript_builder.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace hs {

namespace {

constexpr std::size_t most_turns = 10000;
constexpr int longest_call_ms = 24 * 3600 * 1000;
constexpr int turn_pause_ms = 700;

bool words_fit(const Turn& turn) {
    std::string joined;
    for (const auto& word : turn.words) {
        if (word.text.empty() || word.text.find_first_of(" \t\r\n") != std::string::npos)
            return false;
        joined += (joined.empty() ? "" : " ") + word.text;
    }
    return !joined.empty() && joined == turn.text;
}

/// Blanks of any kind become single spaces.
std::string single_blanks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (out.ends_with(' '))
        out.pop_back();
    return out;
}

} // namespace

std::unexpected<Error> bad_transcript(std::string message) {
    return fail(ErrorKind::invalid, "transcript.invalid", std::move(message));
}

Role role_named(std::string_view speaker) {
    const auto lower = to_lower(trim(speaker));
    const auto first = lower.substr(0, lower.find_first_of(" _-0123456789"));
    if (first == "caller" || first == "client") return Role::customer;
    return parse_role(first);
}

TranscriptBuilder::TranscriptBuilder(std::string engine, std::string model, bool machine) {
    transcript_.engine = std::move(engine);
    transcript_.model = std::move(model);
    transcript_.machine = machine;
}

Result<void> TranscriptBuilder::add(Turn turn) {
    if (!valid_utf8(turn.text)) return bad_transcript("the text is no UTF-8");
    turn.text = single_blanks(nfc(turn.text));
    if (turn.text.empty()) return {};
    if (transcript_.turns.size() == most_turns) return bad_transcript("too many turns");
    if (turn.start_ms < 0 || turn.end_ms < turn.start_ms || turn.end_ms > longest_call_ms)
        return bad_transcript("a turn ends before it starts, or after a day");
    for (auto& word : turn.words) {
        word.text = nfc(word.text);
        word.start_ms = std::clamp(word.start_ms, turn.start_ms, turn.end_ms);
        word.end_ms = std::clamp(word.end_ms, word.start_ms, turn.end_ms);
        word.confidence = std::clamp(word.confidence, 0.0, 1.0);
    }
    turn.confidence = std::clamp(turn.confidence, 0.0, 1.0);
    if (!words_fit(turn)) {
        interpolate_words(turn);
        for (auto& word : turn.words)
            word.confidence = turn.confidence;
        interpolated_ = true;
    }
    if (turn.role == Role::unknown) turn.role = role_named(turn.speaker);
    transcript_.duration_ms = std::max(transcript_.duration_ms, turn.end_ms);
    transcript_.turns.push_back(std::move(turn));
    return {};
}

Result<void> TranscriptBuilder::add_pieces(const std::vector<SpokenPiece>& pieces) {
    Turn turn;
    const auto close = [&]() -> Result<void> {
        if (turn.words.empty()) return {};
        double sum = 0;
        for (const auto& word : turn.words)
            sum += word.confidence;
        turn.confidence = sum / static_cast<double>(turn.words.size());
        return add(std::exchange(turn, {}));
    };
    for (const auto& piece : pieces) {
        if (piece.punctuation) {
            if (turn.words.empty()) continue;
            turn.words.back().text += piece.text;
            turn.text += piece.text;
            continue;
        }
        const bool goes_on = !turn.words.empty() && turn.speaker == piece.speaker &&
                             piece.start_ms - turn.end_ms < turn_pause_ms;
        if (!goes_on) {
            TRY_VOID(close());
            turn.speaker = piece.speaker;
            turn.start_ms = piece.start_ms;
        }
        if (!turn.text.empty()) turn.text += ' ';
        turn.text += piece.text;
        turn.end_ms = std::max(turn.end_ms, piece.end_ms);
        turn.words.push_back({piece.text, piece.start_ms, piece.end_ms, piece.confidence, {}});
    }
    return close();
}

Transcript TranscriptBuilder::finish(std::string_view language) {
    auto& turns = transcript_.turns;
    std::ranges::stable_sort(turns, {}, &Turn::start_ms);
    transcript_.language = language.empty() ? "und" : std::string(language);
    std::set<std::string> speakers;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        turns[i].index = static_cast<int>(i) + 1;
        if (turns[i].language == "und") turns[i].language = transcript_.language;
        speakers.insert(turns[i].speaker);
    }
    transcript_.languages = {{transcript_.language, 1.0}};
    transcript_.words_timed = interpolated_ ? "interpolated" : "asr";
    transcript_.diarisation = speakers.size() > 1 ? "engine" : "none";
    if (speakers.size() < 2) transcript_.role_confidence = 0;
    return std::move(transcript_);
}

} // namespace hs
