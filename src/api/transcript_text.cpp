#include "api/transcript_text.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace hs::api {

namespace {

std::string clock_text(int ms, char decimal_mark) {
    return fmt::format("{:02}:{:02}:{:02}{}{:03}",
                       ms / 3600000,
                       ms / 60000 % 60,
                       ms / 1000 % 60,
                       decimal_mark,
                       ms % 1000);
}

std::string speaker_name(Role role) {
    switch (role) {
    case Role::agent: return "Agent";
    case Role::customer: return "Customer";
    case Role::system: return "System";
    case Role::unknown: return "Speaker";
    }
    return "Speaker";
}

/// Text inside a cue: "<" and "&" would be read as markup, an empty line would end the cue.
std::string cue_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '\n':
        case '\r': out += ' '; break;
        default: out += c;
        }
    }
    return out;
}

std::string web_vtt(const Transcript& transcript) {
    std::string out = "WEBVTT\n";
    for (const auto& turn : transcript.turns) {
        out += fmt::format("\n{}\n{} --> {}\n<v {}>{}\n",
                           turn.index,
                           clock_text(turn.start_ms, '.'),
                           clock_text(turn.end_ms, '.'),
                           speaker_name(turn.role),
                           cue_text(turn.text));
    }
    return out;
}

std::string sub_rip(const Transcript& transcript) {
    std::string out;
    for (const auto& turn : transcript.turns) {
        out += fmt::format("{}\n{} --> {}\n{}: {}\n\n",
                           turn.index,
                           clock_text(turn.start_ms, ','),
                           clock_text(turn.end_ms, ','),
                           speaker_name(turn.role),
                           cue_text(turn.text));
    }
    return out;
}

void write_turn(JsonWriter& json, const Turn& turn, bool words) {
    json.begin_object().field("turn", turn.index).field("speaker", turn.speaker);
    json.field("role", to_string(turn.role));
    json.field("start_ms", turn.start_ms).field("end_ms", turn.end_ms);
    json.field("text", turn.text).field("language", turn.language);
    json.key("confidence").number(turn.confidence, 4).field("overlap", turn.overlap);
    if (words) {
        json.key("words").begin_array();
        for (const auto& word : turn.words) {
            json.begin_object().field("text", word.text);
            json.field("start_ms", word.start_ms).field("end_ms", word.end_ms);
            json.key("confidence").number(word.confidence, 4).end_object();
        }
        json.end_array();
    }
    json.end_object();
}

std::string
json_text(const Transcript& transcript, CallId call, std::string_view view, bool words) {
    JsonWriter json;
    json.begin_object().field("call_id", call.str()).field("view", view);
    json.field("language", transcript.language).field("engine", transcript.engine);
    json.field("model", transcript.model).field("engine_version", transcript.engine_version);
    json.field("diarisation", transcript.diarisation);
    json.key("diarisation_confidence").number(transcript.diarisation_confidence, 4);
    json.key("role_confidence").number(transcript.role_confidence, 4);
    json.field("low_confidence", transcript.low_confidence);
    json.key("low_confidence_reasons").begin_array();
    for (const auto& reason : transcript.low_confidence_reasons)
        json.string(reason);
    json.end_array().field("words_timed", transcript.words_timed);
    json.field("duration_ms", transcript.duration_ms).key("turns").begin_array();
    for (const auto& turn : transcript.turns)
        write_turn(json, turn, words);
    return json.end_array().end_object().take();
}

} // namespace

http::Response transcript_response(const Transcript& transcript,
                                   CallId call,
                                   std::string_view format,
                                   std::string_view view,
                                   bool words) {
    if (format == "json") return http::json_response(200, json_text(transcript, call, view, words));
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    if (format == "txt") response.body = plain_text(transcript) + "\n";
    if (format == "srt") response.body = sub_rip(transcript);
    if (format == "vtt") {
        response.content_type = "text/vtt; charset=utf-8";
        response.body = web_vtt(transcript);
    }
    return response;
}

} // namespace hs::api
