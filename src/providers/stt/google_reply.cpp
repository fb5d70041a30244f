// What Google's recognize and batchRecognize answer.
#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "providers/stt/google.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

/// "1.340s"; an offset of zero is left out.
int offset_ms(const json::object& object, std::string_view name) {
    auto text = text_member(object, name);
    if (text.ends_with('s')) text.remove_suffix(1);
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) return 0;
    return milliseconds_of(seconds);
}

/// Models that give no confidence send 0 or nothing.
double confidence_of(const json::object& object, double otherwise) {
    const auto given = number_member(object, "confidence").value_or(0);
    return given > 0 ? std::min(given, 1.0) : otherwise;
}

std::vector<HeardWord> words_of(const json::object& alternative, double confidence) {
    std::vector<HeardWord> out;
    const auto* words = array_member(alternative, "words");
    if (!words) return out;
    for (const auto& value : *words) {
        const auto* word = value.if_object();
        if (!word) continue;
        HeardWord heard;
        heard.word.text = text_member(*word, "word");
        heard.word.start_ms = offset_ms(*word, "startOffset");
        heard.word.end_ms = std::max(heard.word.start_ms, offset_ms(*word, "endOffset"));
        heard.word.confidence = confidence_of(*word, confidence);
        heard.speaker = text_member(*word, "speakerLabel");
        out.push_back(std::move(heard));
    }
    return out;
}

/// One result is a stretch of speech; without word times it reaches from the last one to its end.
void add_result(HeardPart& out, const json::object& result, int& reached_ms) {
    const auto* alternatives = array_member(result, "alternatives");
    const int end_ms = offset_ms(result, "resultEndOffset");
    const auto* best =
        alternatives && !alternatives->empty() ? alternatives->front().if_object() : nullptr;
    if (best) {
        const auto confidence = confidence_of(*best, unstated_confidence);
        const auto words = words_of(*best, confidence);
        const bool timed = std::ranges::any_of(
            words, [](const HeardWord& heard) { return heard.word.end_ms > 0; });
        const std::string text(trim(text_member(*best, "transcript")));
        if (timed)
            std::ranges::move(segments_of(words), std::back_inserter(out.segments));
        else if (!text.empty())
            out.segments.push_back(
                {text, "", reached_ms, std::max(reached_ms, end_ms), confidence, {}});
    }
    reached_ms = std::max(reached_ms, end_ms);
    if (out.language.empty()) out.language = text_member(result, "languageCode");
}

/// The object that holds `results` as a list: the reply itself, or the one file of a batch.
Result<json::object> results_of(json::object reply) {
    const auto* response = object_member(reply, "response");
    if (!response) return reply;
    const auto* files = object_member(*response, "results");
    if (!files || files->empty()) return invalid_reply("the operation holds no file");
    const auto* file = files->begin()->value().if_object();
    if (!file) return invalid_reply("the operation holds no file");
    if (object_member(*file, "error"))
        return fail(ErrorKind::upstream, "speech.refused", "the engine could not hear the file");
    const auto* inline_result = object_member(*file, "inlineResult");
    // Servers of the first releases put the transcript beside the inline result.
    const auto* transcript = object_member(inline_result ? *inline_result : *file, "transcript");
    if (!transcript) return invalid_reply("the operation holds no transcript");
    return *transcript;
}

} // namespace

Result<HeardPart> read_google_reply(std::string_view body) {
    TRY(auto reply, reply_object(body));
    if (object_member(reply, "error"))
        return fail(ErrorKind::upstream, "speech.refused", "the engine's operation failed");
    const bool known = reply.contains("response") || reply.contains("results") ||
                       reply.contains("metadata") || reply.empty();
    if (!known) return invalid_reply("reply holds no results");
    TRY(const auto transcript, results_of(std::move(reply)));
    HeardPart out;
    int reached_ms = 0;
    if (const auto* results = array_member(transcript, "results"))
        for (const auto& value : *results)
            if (const auto* result = value.if_object()) add_result(out, *result, reached_ms);
    if (const auto* metadata = object_member(transcript, "metadata"))
        if (const int billed = offset_ms(*metadata, "totalBilledDuration"); billed > 0)
            out.usage["audio_seconds"] = billed / 1000.0;
    return out;
}

} // namespace hs::providers
