// WebVTT and SubRip.
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/foreign_transcript.hpp"
#include "domain/transcript_builder.hpp"

namespace hs {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t longest_name = 40;

std::string_view without_mark(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// "01:02:03.450", "02:03.450" or with a comma, as SubRip has it.
std::optional<int> time_of(std::string_view text) {
    const auto parts = split(trim(text), ':');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    const auto fraction = parts.back().find_first_of(".,");
    if (fraction == std::string_view::npos) return std::nullopt;
    std::int64_t total = 0;
    const auto take = [&](std::string_view digits, int factor, int most) {
        int value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return false;
        total += static_cast<std::int64_t>(value) * factor;
        return value <= most;
    };
    const auto seconds = parts.back().substr(0, fraction);
    const auto thousandths = parts.back().substr(fraction + 1);
    if (thousandths.size() != 3 || !take(thousandths, 1, 999) || !take(seconds, 1000, 59))
        return std::nullopt;
    if (!take(parts[parts.size() - 2], 60'000, 59)) return std::nullopt;
    if (parts.size() == 3 && !take(parts[0], 3'600'000, 99)) return std::nullopt;
    return static_cast<int>(total);
}

struct CueTimes {
    int start_ms = 0;
    int end_ms = 0;
};

std::optional<CueTimes> cue_times(std::string_view line) {
    const auto arrow = line.find("-->");
    if (arrow == std::string_view::npos) return std::nullopt;
    auto rest = trim(line.substr(arrow + 3));
    rest = rest.substr(0, rest.find_first_of(" \t")); // settings may follow
    const auto start = time_of(line.substr(0, arrow));
    const auto end = time_of(rest);
    if (!start || !end) return std::nullopt;
    return CueTimes{*start, *end};
}

std::string with_characters(std::string text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{{{"&lt;", "<"},
                                                                                  {"&gt;", ">"},
                                                                                  {"&nbsp;", " "},
                                                                                  {"&lrm;", ""},
                                                                                  {"&rlm;", ""},
                                                                                  {"&amp;", "&"}}};
    for (const auto& [name, character] : names)
        for (auto at = text.find(name); at != std::string::npos;
             at = text.find(name, at + character.size()))
            text.replace(at, name.size(), character);
    return text;
}

/// Takes "<…>" out and the speaker of "<v Name>" with it.
std::string without_tags(std::string_view text, std::string& speaker) {
    std::string out;
    while (!text.empty()) {
        const auto open = std::min(text.find('<'), text.size());
        out += text.substr(0, open);
        text.remove_prefix(open);
        const auto close = text.find('>');
        if (close == std::string_view::npos) break;
        const auto tag = text.substr(1, close - 1);
        if ((tag.starts_with("v ") || tag.starts_with("v.")) && speaker.empty())
            speaker = trim(tag.substr(std::min(tag.find(' '), tag.size())));
        text.remove_prefix(close + 1);
    }
    return with_characters(std::move(out));
}

/// "Agent: good morning" says who speaks when the name is one of a role.
std::string_view without_name(std::string_view text, std::string& speaker) {
    const auto colon = text.find(':');
    if (!speaker.empty() || colon == std::string_view::npos || colon > longest_name) return text;
    const auto name = trim(text.substr(0, colon));
    if (role_named(name) == Role::unknown) return text;
    speaker = name;
    return trim(text.substr(colon + 1));
}

bool numbered(std::string_view line) {
    line = trim(line);
    return !line.empty() && line.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

bool looks_like_subtitles(std::string_view text) {
    text = without_mark(text);
    if (text.starts_with("WEBVTT")) return true;
    auto line = next_line(text);
    while (trim(line).empty() && !text.empty())
        line = next_line(text);
    if (numbered(line)) line = next_line(text);
    return cue_times(line).has_value();
}

Result<Transcript> read_subtitles(std::string_view text) {
    text = without_mark(text);
    const bool web = text.starts_with("WEBVTT");
    TranscriptBuilder builder(web ? "webvtt" : "subrip", "", false);
    int number = 0;
    while (!text.empty()) {
        const auto line = next_line(text);
        ++number;
        if (line.find("-->") == std::string_view::npos) continue; // heading, note, style, number
        const auto times = cue_times(line);
        if (!times) return bad_transcript(fmt::format("line {} holds no times", number));
        std::string raw;
        while (!text.empty()) {
            const auto content = next_line(text);
            ++number;
            if (trim(content).empty()) break;
            if (!raw.empty()) raw += ' ';
            raw += content;
        }
        Turn turn;
        turn.start_ms = times->start_ms;
        turn.end_ms = times->end_ms;
        const auto plain = without_tags(raw, turn.speaker);
        turn.text = without_name(trim(plain), turn.speaker);
        if (turn.speaker.empty()) turn.speaker = "mix";
        if (!valid_utf8(turn.speaker)) return bad_transcript("the text is no UTF-8");
        TRY_VOID(builder.add(std::move(turn)));
    }
    return builder.finish("");
}

} // namespace hs
