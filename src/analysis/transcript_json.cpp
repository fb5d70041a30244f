#include "analysis/transcript_json.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t most_turns = 10000;
constexpr double longest_call_s = 24 * 3600.0;

std::unexpected<Error> wrong(const std::string& message) {
    return fail(ErrorKind::invalid, "transcript.invalid", message);
}

std::string text_of(const json::object& map, std::string_view key) {
    const auto* found = map.if_contains(key);
    if (found == nullptr || !found->is_string()) return {};
    return std::string(found->as_string());
}

std::optional<double> number_of(const json::object& map, std::string_view key) {
    const auto* found = map.if_contains(key);
    if (found == nullptr || !found->is_number()) return std::nullopt;
    const double value = found->to_number<double>();
    if (!std::isfinite(value)) return std::nullopt;
    return value;
}

int milliseconds(double value) {
    return static_cast<int>(std::lround(value * 1000));
}

/// People write names where the rules compare tags.
std::string language_tag(std::string given) {
    const auto key = name_key(given);
    if (key == "hinglish" || key == "hi-latn") return "hi-Latn";
    if (key == "hindi") return "hi";
    if (key == "english") return "en";
    return given;
}

Result<Turn> read_turn(const json::value& item, int number, const Transcript& call) {
    const auto* map = item.if_object();
    if (map == nullptr) return wrong(fmt::format("transcript[{}] is no object", number - 1));
    const auto start = number_of(*map, "start");
    const auto end = number_of(*map, "end");
    if (!start || !end || *start < 0 || *end < *start || *end > longest_call_s)
        return wrong(fmt::format("transcript[{}]: start and end must be seconds", number - 1));
    Turn turn;
    turn.index = number;
    turn.speaker = text_of(*map, "speaker");
    turn.role = parse_role(turn.speaker);
    if (const auto role = text_of(*map, "role"); !role.empty()) turn.role = parse_role(role);
    turn.start_ms = milliseconds(*start);
    turn.end_ms = milliseconds(*end);
    turn.text = nfc(text_of(*map, "text"));
    turn.language = language_tag(text_of(*map, "language"));
    if (turn.language.empty()) turn.language = call.language;
    turn.confidence = std::clamp(number_of(*map, "confidence").value_or(1.0), 0.0, 1.0);
    interpolate_words(turn);
    for (auto& word : turn.words)
        word.confidence = turn.confidence;
    return turn;
}

CallContext read_context(const json::object& map) {
    CallContext context;
    context.issue_category = text_of(map, "issue_category");
    context.preferred_language = text_of(map, "customer_preferred_language");
    if (const auto given = text_of(map, "call_context"); !given.empty())
        context.call_context = given;
    context.names.customer = text_of(map, "customer_name");
    context.names.agent = text_of(map, "agent_name");
    return context;
}

} // namespace

Result<GivenCall> read_given_call(const json::value& document) {
    const auto* map = document.if_object();
    if (map == nullptr) return wrong("a call is an object");
    const auto* turns = map->if_contains("transcript");
    if (turns == nullptr || !turns->is_array()) return wrong("transcript must be a list of turns");
    if (turns->as_array().size() > most_turns) return wrong("too many turns");
    GivenCall call;
    call.context = read_context(*map);
    auto& transcript = call.transcript;
    transcript.engine = "reference";
    transcript.words_timed = "interpolated";
    if (const auto language = language_tag(text_of(*map, "language")); !language.empty())
        transcript.language = language;
    int number = 0;
    for (const auto& item : turns->as_array()) {
        TRY(auto turn, read_turn(item, ++number, transcript));
        transcript.duration_ms = std::max(transcript.duration_ms, turn.end_ms);
        transcript.turns.push_back(std::move(turn));
    }
    std::stable_sort(transcript.turns.begin(),
                     transcript.turns.end(),
                     [](const Turn& a, const Turn& b) { return a.start_ms < b.start_ms; });
    for (std::size_t i = 0; i < transcript.turns.size(); ++i)
        transcript.turns[i].index = static_cast<int>(i) + 1;
    if (const auto duration = number_of(*map, "duration");
        duration && *duration > 0 && *duration <= longest_call_s)
        transcript.duration_ms = std::max(transcript.duration_ms, milliseconds(*duration));
    return call;
}

} // namespace hs::analysis
