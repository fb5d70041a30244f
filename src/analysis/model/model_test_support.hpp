/// Calls and model replies for the tests of judging by models.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "analysis/judge.hpp"
#include "analysis/model/session.hpp"
#include "analysis/transcript_json.hpp"
#include "base/files.hpp"

namespace hs::analysis::test {

inline const std::string source_dir = HS_SOURCE_DIR;

inline const Judge& judge() {
    static const auto loaded = Judge::load(source_dir + "/scorecards", "battery-swap-support", 1);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *loaded;
}

inline std::shared_ptr<const PromptTemplate> prompt() {
    static const auto loaded = load_prompt(source_dir + "/prompts", "sop-judge", 1);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::make_shared<const PromptTemplate>(*loaded);
}

/// A call from its lines, two seconds a line and one between.
inline Transcript transcript_of(const std::vector<std::pair<Role, std::string>>& lines) {
    Transcript out;
    out.language = "en";
    out.engine = "reference";
    for (const auto& [role, text] : lines) {
        Turn turn;
        turn.index = static_cast<int>(out.turns.size()) + 1;
        turn.role = role;
        turn.speaker = to_string(role);
        turn.start_ms = out.duration_ms;
        turn.end_ms = turn.start_ms + 2000;
        turn.text = text;
        turn.language = "en";
        interpolate_words(turn);
        out.duration_ms += 3000;
        out.turns.push_back(std::move(turn));
    }
    return out;
}

inline OpenQuestion yes_no(const std::string& id) {
    OpenQuestion out;
    out.id = id;
    out.title = id;
    out.prompt = "sop-judge";
    return out;
}

inline json::object quote(int turn, const std::string& words, const char* kind = "said") {
    return {{"turn", turn}, {"quote", words}, {"kind", kind}};
}

inline json::object answer(const std::string& id,
                           const char* state,
                           double confidence,
                           std::vector<json::object> quotes = {}) {
    json::array evidence;
    for (auto& one : quotes)
        evidence.push_back(std::move(one));
    return {{"question_id", id},
            {"state", state},
            {"value", nullptr},
            {"confidence", confidence},
            {"evidence", std::move(evidence)},
            {"rationale", "because"}};
}

/// A whole reply that matches the schema.
inline json::object reply(std::vector<json::object> answers = {}) {
    json::array list;
    for (auto& one : answers)
        list.push_back(std::move(one));
    return {{"answers", std::move(list)},
            {"turn_sentiment", json::array()},
            {"issue",
             json::object{{"category", ""},
                          {"summary", ""},
                          {"customer_request", ""},
                          {"severity", "low"},
                          {"evidence", json::array()}}},
            {"resolution",
             json::object{{"status", "none"},
                          {"action", nullptr},
                          {"owner", nullptr},
                          {"due", nullptr},
                          {"customer_accepted", nullptr},
                          {"raw_score", 0},
                          {"evidence", json::array()}}},
            {"escalation", json::object{{"cues", json::array()}}},
            {"insights",
             json::object{{"business_insight", ""},
                          {"coaching_insight", ""},
                          {"agent_summary", ""},
                          {"why_flagged", nullptr}}},
            {"detected_language", "english"}};
}

inline std::string text(const json::object& document) {
    return json::serialize(document);
}

using Model = std::function<std::string(const ModelAsk& ask)>;

/// Drives a session with a model that is a function.
inline ModelFindings talk(ModelSession& session, const Model& model) {
    while (const auto* next = session.next()) {
        const auto ask = *next;
        session.answered(model(ask), {});
    }
    return session.findings();
}

inline std::vector<ModelTier> tiers(int count) {
    std::vector<ModelTier> out{{"fake", "small"}, {"fake", "large"}};
    out.resize(static_cast<std::size_t>(count));
    return out;
}

inline ModelFindings asked(const ModelBrief& brief, const Model& model, int tier_count = 1) {
    ModelSession session(brief, prompt(), tiers(tier_count), {});
    return talk(session, model);
}

/// All calls of the bundled data sets that somebody speaks in.
inline std::vector<GivenCall> bundled_calls() {
    std::vector<GivenCall> calls;
    for (const char* file :
         {"corpus/manifest.json", "corpus/transcripts.json", "corpus-fresh/transcripts.json"}) {
        const auto content = read_file(source_dir + "/tests/data/" + file);
        const auto document = parse_json(*content);
        for (const auto& item : document->as_object().at("calls").as_array())
            if (!item.at("transcript").as_array().empty()) calls.push_back(*read_given_call(item));
    }
    return calls;
}

} // namespace hs::analysis::test
