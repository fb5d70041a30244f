#include "analysis/model/brief.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

/// Signs that open or close something in prompts: tags, fences, headings, our own boundary.
constexpr std::string_view guarded_signs = "<>`#=|";

/// "system:" at the start of a line poses as somebody's turn in a chat.
constexpr std::array<std::string_view, 6> speakers{
    "system", "assistant", "user", "human", "developer", "tool"};

bool ends_in_speaker(std::string_view text) {
    constexpr std::size_t longest = 10;
    const auto tail = to_lower(text.substr(text.size() - std::min(text.size(), longest)));
    return std::ranges::any_of(speakers, [&](auto name) { return tail.ends_with(name); });
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

const char* type_name(QuestionType type) {
    switch (type) {
    case QuestionType::yes_no: return "yes_no";
    case QuestionType::single: return "single";
    case QuestionType::multi: return "multi";
    case QuestionType::numeric: return "numeric";
    case QuestionType::text: return "text";
    }
    return "yes_no";
}

std::string line_of(const Turn& turn) {
    return "{\"i\":" + std::to_string(turn.index) + ",\"r\":\"" + to_string(turn.role) +
           "\",\"t\":" + guarded_string(turn.text) + "}\n";
}

} // namespace

std::string guarded_string(std::string_view text) {
    std::string quoted;
    append_json_string(quoted, text);
    std::string out;
    out.reserve(quoted.size());
    for (const char c : quoted) {
        const bool sign = guarded_signs.find(c) != std::string_view::npos;
        if (sign || (c == ':' && ends_in_speaker(out)))
            append_escaped(out, c);
        else
            out += c;
    }
    return out;
}

std::size_t estimated_tokens(std::string_view text) {
    std::size_t plain = 0;
    std::size_t other = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80U)
            ++plain;
        else if ((byte & 0xC0U) != 0x80U)
            ++other;
    }
    return plain / 4 + other + 1;
}

std::vector<TurnWindow>
windows_of(const Transcript& transcript, std::size_t tokens, std::size_t overlap) {
    std::vector<TurnWindow> out;
    const auto& turns = transcript.turns;
    std::size_t from = 0;
    while (from < turns.size()) {
        std::size_t to = from;
        std::size_t size = 0;
        while (to < turns.size()) {
            const auto more = estimated_tokens(line_of(turns[to]));
            if (to > from && size + more > tokens) break;
            size += more;
            ++to;
        }
        out.push_back({from, to});
        if (to == turns.size()) break;
        // Always further on, however long the turns are.
        from = to > from + overlap ? to - overlap : to;
    }
    if (out.empty()) out.push_back({});
    return out;
}

std::string transcript_lines(const Transcript& transcript, TurnWindow window) {
    std::string out;
    for (auto i = window.from; i < window.to; ++i)
        out += line_of(transcript.turns[i]);
    return out.empty() ? out : out.substr(0, out.size() - 1);
}

std::string question_lines(const std::vector<const OpenQuestion*>& questions) {
    std::string out;
    for (const auto* question : questions) {
        json::array options;
        for (const auto& option : question->options)
            options.push_back(
                json::object{{"id", option.id}, {"text", in_language(option.text, "en")}});
        json::object line{{"question_id", question->id},
                          {"title", question->title},
                          {"instructions", question->instructions},
                          {"type", type_name(question->type)},
                          {"na_allowed", question->na_allowed}};
        if (!options.empty()) line["options"] = std::move(options);
        if (question->evidence_role != Role::unknown)
            line["quotes_from"] = to_string(question->evidence_role);
        out += json::serialize(line) + "\n";
    }
    return out;
}

std::string finding_lines(const std::vector<Answer>& answers) {
    std::string out;
    for (const auto& answer : answers)
        out +=
            json::serialize(json::object{{"question_id", answer.question_id},
                                         {"rules", to_string(answer.state)},
                                         {"confidence", round_half_away(answer.confidence, 2)}}) +
            "\n";
    return out;
}

std::string metrics_line(const ConversationMetrics& metrics) {
    json::object out{{"duration_s", metrics.duration_ms / 1000},
                     {"agent_talk_share", round_half_away(metrics.agent.talk_ratio, 2)},
                     {"customer_talk_share", round_half_away(metrics.customer.talk_ratio, 2)},
                     {"longest_silence_s", metrics.longest_silence_ms / 1000},
                     {"interruptions", metrics.interruptions.size()},
                     {"holds", metrics.holds.size()}};
    return json::serialize(out);
}

} // namespace hs::analysis
