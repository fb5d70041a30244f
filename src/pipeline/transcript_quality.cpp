#include "pipeline/transcript_quality.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "pipeline/join_speech.hpp"

namespace hs::pipeline {

namespace {

std::vector<const Word*> words_of(const Transcript& transcript) {
    std::vector<const Word*> words;
    for (const auto& turn : transcript.turns) {
        for (const auto& word : turn.words)
            words.push_back(&word);
    }
    return words;
}

double weighted_confidence(const std::vector<const Word*>& words) {
    double sum = 0;
    double weight = 0;
    for (const auto* word : words) {
        const double length = std::max(1, word->end_ms - word->start_ms);
        sum += word->confidence * length;
        weight += length;
    }
    return weight > 0 ? sum / weight : 0;
}

int covered_ms(const std::vector<Span>& speech, std::vector<Span> words) {
    std::ranges::sort(words, {}, &Span::start_ms);
    int covered = 0;
    for (const auto& span : speech) {
        int at = span.start_ms;
        for (const auto& word : words) {
            const int start = std::max(at, word.start_ms);
            const int end = std::min(span.end_ms, word.end_ms);
            if (end <= start) continue;
            covered += end - start;
            at = end;
        }
    }
    return covered;
}

/// Share of the detected speech that no word covers; words are widened by the pauses inside them.
double uncovered_share(const Transcript& transcript, const AudioFacts& facts) {
    int speech = 0;
    int covered = 0;
    for (std::size_t channel = 0; channel < facts.channel_facts.size(); ++channel) {
        const bool only_track = facts.channel_facts.size() == 1;
        std::vector<Span> words;
        for (const auto& turn : transcript.turns) {
            if (!only_track && turn.speaker != "ch" + std::to_string(channel)) continue;
            for (const auto& word : turn.words)
                words.push_back({word.start_ms - 150, word.end_ms + 150});
        }
        const auto& spans = facts.channel_facts[channel].speech;
        for (const auto& span : spans)
            speech += span.end_ms - span.start_ms;
        covered += covered_ms(spans, std::move(words));
    }
    return speech > 0 ? 1.0 - static_cast<double>(covered) / speech : 0;
}

bool repeats_itself(const std::vector<const Word*>& words) {
    constexpr std::size_t gram = 4;
    int in_a_row = 1;
    for (std::size_t i = gram; i + gram <= words.size(); i += gram) {
        const bool same = std::ranges::equal(
            std::span(words).subspan(i, gram),
            std::span(words).subspan(i - gram, gram),
            [](const Word* a, const Word* b) { return name_key(a->text) == name_key(b->text); });
        in_a_row = same ? in_a_row + 1 : 1;
        if (in_a_row > 6) return true;
    }
    return false;
}

std::string primary_tag(std::string_view tag) {
    return to_lower(tag.substr(0, tag.find('-')));
}

/// "Hindi", "hi" and "hi-IN" name one language; unknown names are left as they are.
std::string language_tag(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names = {
        {{"english", "en"},
         {"hindi", "hi"},
         {"hinglish", "hi"},
         {"marathi", "mr"},
         {"tamil", "ta"},
         {"telugu", "te"},
         {"kannada", "kn"},
         {"bengali", "bn"},
         {"gujarati", "gu"},
         {"punjabi", "pa"},
         {"malayalam", "ml"}}};
    const auto key = name_key(name);
    for (const auto& [word, tag] : names) {
        if (key == word) return std::string(tag);
    }
    return primary_tag(key);
}

bool unsupported(const std::vector<std::string>& supported, const std::string& language) {
    if (supported.empty() || language.empty() || language == "und" || language == "auto")
        return false;
    const auto tag = language_tag(language);
    return std::ranges::none_of(supported,
                                [&](const auto& one) { return primary_tag(one) == tag; });
}

} // namespace

std::vector<std::string> low_confidence_reasons(const Transcript& transcript,
                                                const providers::Speech& speech,
                                                const AudioFacts& facts,
                                                const std::string& preferred_language) {
    std::vector<std::string> reasons;
    const auto words = words_of(transcript);
    if (weighted_confidence(words) < 0.60) reasons.emplace_back("word_confidence");
    const double rate =
        facts.speech_ms > 0 ? static_cast<double>(words.size()) * 1000.0 / facts.speech_ms : 0.0;
    if (rate < 0.8 || rate > 5.5) reasons.emplace_back("speech_rate");
    if (uncovered_share(transcript, facts) > 0.30) reasons.emplace_back("uncovered_speech");
    if (repeats_itself(words)) reasons.emplace_back("repetition");
    if (unsupported(speech.supported_languages, transcript.language) ||
        unsupported(speech.supported_languages, preferred_language)) {
        reasons.emplace_back("language_unsupported");
    }
    if (speech.embedded) reasons.emplace_back("embedded_engine");
    const bool by_voice = transcript.diarisation == "mfcc" || transcript.diarisation == "none";
    if (by_voice && transcript.diarisation_confidence < diarisation_firm) {
        reasons.emplace_back("diarisation");
    }
    return reasons;
}

} // namespace hs::pipeline
