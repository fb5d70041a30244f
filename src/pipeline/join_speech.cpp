#include "pipeline/join_speech.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/roles.hpp"
#include "base/text.hpp"
#include "pipeline/transcript_quality.hpp"

namespace hs::pipeline {

namespace {

constexpr int same_turn_gap_ms = 700;
constexpr int overlap_ms = 300;

std::string speaker_of(const providers::Utterance& utterance) {
    return utterance.speaker.empty() ? utterance.track : utterance.speaker;
}

Turn turn_of(const providers::Utterance& utterance) {
    Turn turn;
    turn.speaker = speaker_of(utterance);
    turn.start_ms = utterance.start_ms;
    turn.end_ms = std::max(utterance.end_ms, utterance.start_ms);
    turn.text = std::string(trim(utterance.text));
    turn.confidence = utterance.confidence;
    turn.words = utterance.words;
    return turn;
}

void append(Turn& turn, const Turn& next) {
    const auto before = static_cast<double>(turn.words.size());
    const auto added = static_cast<double>(next.words.size());
    if (before + added > 0) {
        turn.confidence = (turn.confidence * before + next.confidence * added) / (before + added);
    }
    turn.text += " " + next.text;
    turn.end_ms = std::max(turn.end_ms, next.end_ms);
    turn.words.insert(turn.words.end(), next.words.begin(), next.words.end());
}

std::vector<Turn> turns_of(const providers::Speech& speech, bool& interpolated) {
    std::vector<Turn> turns;
    for (const auto& utterance : speech.utterances) {
        auto turn = turn_of(utterance);
        if (turn.text.empty()) continue;
        if (turn.words.empty()) {
            interpolate_words(turn);
            interpolated = true;
        }
        turns.push_back(std::move(turn));
    }
    std::ranges::stable_sort(turns, {}, &Turn::start_ms);
    std::vector<Turn> joined;
    for (auto& turn : turns) {
        const bool continues = !joined.empty() && joined.back().speaker == turn.speaker &&
                               turn.start_ms - joined.back().end_ms < same_turn_gap_ms;
        if (continues) {
            append(joined.back(), turn);
        } else {
            joined.push_back(std::move(turn));
        }
    }
    return joined;
}

/// Share of the shorter turn's words that the other one has too.
double common_words(const Turn& a, const Turn& b) {
    std::multiset<std::string> words;
    for (const auto& word : a.words)
        words.insert(name_key(word.text));
    std::size_t common = 0;
    for (const auto& word : b.words) {
        const auto found = words.find(name_key(word.text));
        if (found == words.end()) continue;
        words.erase(found);
        ++common;
    }
    const auto shorter = std::min(a.words.size(), b.words.size());
    return shorter == 0 ? 0 : static_cast<double>(common) / static_cast<double>(shorter);
}

/// Cross-talk makes one turn appear on both channels; the surer one stays.
void drop_echoes(std::vector<Turn>& turns) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
        for (std::size_t j = i + 1; j < turns.size();) {
            const auto& first = turns[i];
            const auto& second = turns[j];
            const bool echo = first.speaker != second.speaker && first.words.size() >= 3 &&
                              second.words.size() >= 3 && second.start_ms - first.start_ms <= 500 &&
                              common_words(first, second) >= 0.8;
            if (!echo) {
                ++j;
                continue;
            }
            if (second.confidence > first.confidence) std::swap(turns[i], turns[j]);
            turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(j));
        }
    }
}

void mark_overlaps(std::vector<Turn>& turns) {
    for (std::size_t i = 0; i + 1 < turns.size(); ++i) {
        for (std::size_t j = i + 1; j < turns.size() && turns[j].start_ms < turns[i].end_ms; ++j) {
            if (turns[j].speaker == turns[i].speaker) continue;
            const int common = std::min(turns[i].end_ms, turns[j].end_ms) - turns[j].start_ms;
            if (common < overlap_ms) continue;
            turns[i].overlap = true;
            turns[j].overlap = true;
        }
    }
}

std::vector<analysis::SpeakerRole> channel_roles(const std::string& channel_map) {
    std::map<std::string, Role> roles;
    for (const auto part : split(channel_map, ',')) {
        const auto sides = split(part, '=');
        if (sides.size() != 2) continue;
        const auto role = parse_role(trim(sides[1]));
        const auto other = role == Role::agent ? Role::customer : Role::agent;
        const bool left = trim(sides[0]) == "left";
        roles[left ? "ch0" : "ch1"] = role;
        roles.try_emplace(left ? "ch1" : "ch0", other);
    }
    std::vector<analysis::SpeakerRole> out;
    for (const auto& [speaker, role] : roles)
        out.push_back({speaker, role});
    return out;
}

std::string language_of(const providers::Speech& speech, const JoinHints& hints) {
    if (hints.language != "auto" && !hints.language.empty()) return hints.language;
    if (!speech.language.empty()) return speech.language;
    // An engine with one language does not detect: it can only be taken at its word.
    if (speech.supported_languages.size() == 1) return speech.supported_languages.front();
    return "und";
}

} // namespace

std::vector<providers::SpeechTrack>
speech_tracks(audio::Decoded decoded, const std::optional<audio::Diarisation>& diarisation) {
    std::vector<providers::SpeechTrack> tracks;
    for (std::size_t i = 0; i < decoded.tracks.size(); ++i) {
        auto& track = decoded.tracks[i];
        const auto samples =
            std::make_shared<const std::vector<std::int16_t>>(std::move(track.samples));
        const bool separated = decoded.tracks.size() == 1 && diarisation &&
                               diarisation->confidence >= diarisation_floor;
        if (!separated) {
            tracks.push_back({track.name, samples, decoded.facts.channel_facts.at(i).speech});
            continue;
        }
        for (int speaker = 0; speaker < 2; ++speaker) {
            std::vector<Span> speech;
            for (const auto& segment : diarisation->segments) {
                if (segment.speaker == speaker) speech.push_back(segment.span);
            }
            if (!speech.empty()) {
                tracks.push_back({"spk" + std::to_string(speaker), samples, std::move(speech)});
            }
        }
    }
    return tracks;
}

Transcript join_speech(const providers::Speech& speech,
                       const AudioFacts& facts,
                       const std::optional<audio::Diarisation>& diarisation,
                       const JoinHints& hints) {
    Transcript transcript;
    bool interpolated = false;
    transcript.turns = turns_of(speech, interpolated);
    if (facts.channel_facts.size() > 1) drop_echoes(transcript.turns);
    mark_overlaps(transcript.turns);
    transcript.language = language_of(speech, hints);
    for (std::size_t i = 0; i < transcript.turns.size(); ++i) {
        transcript.turns[i].index = static_cast<int>(i) + 1;
        transcript.turns[i].language = transcript.language;
    }
    transcript.languages = {{transcript.language, 1.0}};
    transcript.engine = speech.engine;
    transcript.model = speech.model;
    transcript.engine_version = speech.engine_version;
    transcript.words_timed = interpolated ? "interpolated" : "asr";
    transcript.duration_ms = facts.duration_ms;
    transcript.machine = true;
    const bool by_voice = facts.channel_facts.size() == 1;
    const bool by_engine = std::ranges::any_of(
        speech.utterances, [](const auto& utterance) { return !utterance.speaker.empty(); });
    transcript.diarisation = by_engine ? "engine" : by_voice ? "mfcc" : "channels";
    if (by_voice && !by_engine) {
        transcript.diarisation_confidence = diarisation ? diarisation->confidence : 0.0;
        if (transcript.diarisation_confidence < diarisation_floor) transcript.diarisation = "none";
    }
    if (transcript.diarisation == "none") {
        transcript.role_confidence = 0;
    } else {
        analysis::RoleSources sources;
        sources.channel_map = channel_roles(hints.channel_map);
        const auto guess = analysis::guess_roles(transcript, sources);
        transcript = analysis::with_roles(std::move(transcript), guess);
    }
    transcript.low_confidence_reasons =
        low_confidence_reasons(transcript, speech, facts, hints.preferred_language);
    transcript.low_confidence = !transcript.low_confidence_reasons.empty();
    return transcript;
}

void assign_spotted(std::vector<SpottedPhrase>& spotted, const Transcript& transcript) {
    std::vector<SpottedPhrase> placed;
    for (auto& phrase : spotted) {
        const int middle = (phrase.start_ms + phrase.end_ms) / 2;
        const auto turn = std::ranges::find_if(transcript.turns, [&](const Turn& one) {
            return one.start_ms <= middle && middle <= one.end_ms;
        });
        if (turn == transcript.turns.end()) continue;
        phrase.role = turn->role;
        phrase.confidence = turn->confidence;
        placed.push_back(std::move(phrase));
    }
    spotted = std::move(placed);
}

} // namespace hs::pipeline
