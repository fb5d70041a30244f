#include "analysis/conversation/speech.hpp"

#include <algorithm>
#include <string>

namespace hs::analysis {
namespace {

Spans turns_of(const Transcript& transcript, Role role) {
    Spans spans;
    for (const Turn& turn : transcript.turns)
        if (turn.role == role && turn.end_ms > turn.start_ms)
            spans.push_back({turn.start_ms, turn.end_ms});
    return merged(std::move(spans));
}

/// Role of most turns of the channel; unknown when it says nothing.
Role role_of_channel(const Transcript& transcript, std::size_t channel) {
    const std::string speaker = "ch" + std::to_string(channel);
    int agent = 0;
    int customer = 0;
    for (const Turn& turn : transcript.turns) {
        if (turn.speaker != speaker) continue;
        agent += turn.role == Role::agent ? 1 : 0;
        customer += turn.role == Role::customer ? 1 : 0;
    }
    if (agent == customer) return Role::unknown;
    return agent > customer ? Role::agent : Role::customer;
}

/// False when the channels do not stand for the two sides.
bool channels_to_sides(const Transcript& transcript,
                       const AudioFacts& audio,
                       SpeechOfSides& sides) {
    if (audio.channel_facts.size() != 2) return false;
    Role first = role_of_channel(transcript, 0);
    Role second = role_of_channel(transcript, 1);
    const auto opposite = [](Role role) {
        return role == Role::agent ? Role::customer : Role::agent;
    };
    if (first == Role::unknown && second == Role::unknown) return false;
    if (first == Role::unknown) first = opposite(second); // a silent or wordless side
    if (second == Role::unknown) second = opposite(first);
    if (first == second) return false;
    const std::size_t agent = first == Role::agent ? 0 : 1;
    sides.agent = merged(audio.channel_facts[agent].speech);
    sides.customer = merged(audio.channel_facts[1 - agent].speech);
    sides.from_channels = true;
    return true;
}

Spans joined(const Spans& a, const Spans& b) {
    Spans all = a;
    all.insert(all.end(), b.begin(), b.end());
    return merged(std::move(all));
}

} // namespace

SpeechOfSides speech_of_sides(const Transcript& transcript, const AudioFacts* audio) {
    SpeechOfSides sides;
    const Spans unknown = turns_of(transcript, Role::unknown);
    if (audio != nullptr && channels_to_sides(transcript, *audio, sides)) {
        sides.anybody = joined(joined(sides.agent, sides.customer), unknown);
        return sides;
    }
    sides.agent = turns_of(transcript, Role::agent);
    sides.customer = turns_of(transcript, Role::customer);
    const bool one_track = audio != nullptr && audio->channel_facts.size() == 1;
    if (one_track && !audio->channel_facts[0].speech.empty()) {
        const Spans voice = merged(audio->channel_facts[0].speech);
        sides.agent = common(sides.agent, voice);
        sides.customer = common(sides.customer, voice);
        sides.anybody = joined(voice, {});
    } else {
        sides.anybody = joined(joined(sides.agent, sides.customer), unknown);
    }
    return sides;
}

Spans merged(Spans spans) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
        return a.start_ms < b.start_ms;
    });
    Spans out;
    for (const Span& span : spans) {
        if (!out.empty() && span.start_ms <= out.back().end_ms)
            out.back().end_ms = std::max(out.back().end_ms, span.end_ms);
        else
            out.push_back(span);
    }
    return out;
}

Spans common(const Spans& a, const Spans& b) {
    Spans out;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const int start = std::max(a[i].start_ms, b[j].start_ms);
        const int end = std::min(a[i].end_ms, b[j].end_ms);
        if (start < end) out.push_back({start, end});
        a[i].end_ms < b[j].end_ms ? ++i : ++j;
    }
    return out;
}

Spans without(const Spans& a, const Spans& b) {
    Spans out;
    std::size_t j = 0;
    for (Span rest : a) {
        while (j < b.size() && b[j].end_ms <= rest.start_ms)
            ++j;
        for (std::size_t k = j; k < b.size() && b[k].start_ms < rest.end_ms; ++k) {
            if (b[k].start_ms > rest.start_ms) out.push_back({rest.start_ms, b[k].start_ms});
            rest.start_ms = std::max(rest.start_ms, b[k].end_ms);
        }
        if (rest.start_ms < rest.end_ms) out.push_back(rest);
    }
    return out;
}

Spans gaps(const Spans& spans) {
    Spans out;
    for (std::size_t i = 1; i < spans.size(); ++i)
        out.push_back({spans[i - 1].end_ms, spans[i].start_ms});
    return out;
}

int total_ms(const Spans& spans) {
    int total = 0;
    for (const Span& span : spans)
        total += span.end_ms - span.start_ms;
    return total;
}

} // namespace hs::analysis
