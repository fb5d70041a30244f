/// The bundled corpus as transcripts with labels, and a short way to write a call; tests only.
#pragma once

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis::testing {

struct LabelledCall {
    std::string id;
    std::string language;
    Transcript transcript;
    json::object expected;
    json::object source;
};

inline Turn
spoken(Role role, int start_ms, int end_ms, std::string text, std::string language = "en") {
    Turn turn;
    turn.role = role;
    turn.speaker = role == Role::agent ? "ch0" : "ch1";
    turn.start_ms = start_ms;
    turn.end_ms = end_ms;
    turn.text = std::move(text);
    turn.language = std::move(language);
    interpolate_words(turn);
    return turn;
}

/// Turns one after the other, 400 ms a word, 500 ms apart.
inline Transcript call(std::initializer_list<std::pair<Role, const char*>> turns,
                       const std::string& language = "en") {
    Transcript transcript;
    int at = 500;
    for (const auto& [role, text] : turns) {
        const std::string said(text);
        const auto words = static_cast<int>(std::count(said.begin(), said.end(), ' ')) + 1;
        transcript.turns.push_back(spoken(role, at, at + 400 * words, said, language));
        transcript.turns.back().index = static_cast<int>(transcript.turns.size());
        at += 400 * words + 500;
    }
    transcript.language = language;
    transcript.duration_ms = at;
    return transcript;
}

inline Transcript transcript_of(const json::object& source, const std::string& language) {
    Transcript transcript;
    for (const auto& value : source.at("transcript").as_array()) {
        const auto& said = value.as_object();
        const auto ms = [&](const char* key) {
            return static_cast<int>(said.at(key).to_number<double>() * 1000 + 0.5);
        };
        transcript.turns.push_back(spoken(parse_role(said.at("speaker").as_string()),
                                          ms("start"),
                                          ms("end"),
                                          std::string(said.at("text").as_string()),
                                          language));
        transcript.turns.back().index = static_cast<int>(transcript.turns.size());
    }
    transcript.language = language;
    transcript.duration_ms = static_cast<int>(source.at("duration").to_number<double>() * 1000);
    return transcript;
}

/// `file`: "manifest.json" (recorded calls) or "transcripts.json".
inline std::vector<LabelledCall> corpus(const std::string& file) {
    std::ifstream in(std::string(HS_SOURCE_DIR) + "/tests/data/corpus/" + file);
    std::stringstream text;
    text << in.rdbuf();
    std::vector<LabelledCall> calls;
    const json::value document = json::parse(text.str());
    for (const auto& value : document.as_object().at("calls").as_array()) {
        const json::object& source = value.as_object();
        LabelledCall labelled;
        labelled.id = source.at("id").as_string();
        labelled.language = source.at("language").as_string();
        labelled.transcript = transcript_of(source, labelled.language);
        labelled.expected = source.at("expected").as_object();
        labelled.source = source;
        calls.push_back(std::move(labelled));
    }
    std::sort(calls.begin(), calls.end(), [](const LabelledCall& a, const LabelledCall& b) {
        return std::tie(a.language, a.id) < std::tie(b.language, b.id);
    });
    return calls;
}

/// Every second call of a language is for checking, the others for development.
inline std::vector<LabelledCall> half(const std::vector<LabelledCall>& calls, bool checking) {
    std::vector<LabelledCall> out;
    std::size_t rank = 0;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        rank = i > 0 && calls[i].language == calls[i - 1].language ? rank + 1 : 0;
        if ((rank % 2 == 1) == checking) out.push_back(calls[i]);
    }
    return out;
}

} // namespace hs::analysis::testing
