#include "analysis/redaction.hpp"

#include <algorithm>
#include <optional>

#include "analysis/redaction/cues.hpp"
#include "analysis/redaction/digit_runs.hpp"
#include "analysis/redaction/number_checks.hpp"
#include "analysis/redaction/patterns.hpp"
#include "analysis/redaction/spoken_words.hpp"

namespace hs::analysis {
namespace {

using namespace redaction;

constexpr int cue_reach = 12;              // words, section 7
constexpr double unsure_confidence = 0.60; // below it the whole answer to a secret cue is masked
constexpr std::string_view rest_mark = "[…]";

/// What a run may be, seen with the cues around it.
class RunClassifier {
public:
    RunClassifier(const CueMap& cues, const DigitRun& run)
        : cues_(cues), run_(run), turn_(static_cast<std::size_t>(run.turn)) {}

    /// Forms that need no cue: phone, card, Aadhaar, or simply too long to be anything else.
    [[nodiscard]] const char* certain(const std::string& digits, bool plus) const {
        if (is_aadhaar(digits) && (near(CueKind::aadhaar) || !is_phone(digits, plus)))
            return "AADHAAR";
        if (digits.size() >= 9 && digits.size() <= 18 && near(CueKind::account) && !near_phone())
            return "ACCOUNT";
        if (is_phone(digits, plus)) return "PHONE";
        return is_card(digits) ? "CARD" : nullptr;
    }

    /// Everything else: what the words around the number say it is.
    [[nodiscard]] const char* by_cue(const std::string& digits) const {
        const std::size_t length = digits.size();
        if (length >= 12 && length <= 19 && near(CueKind::card)) return "CARD";
        if (length == 12 && near(CueKind::aadhaar)) return "AADHAAR";
        if (length >= 10) return "NUMBER";
        if (run_.quantity || run_.place) return nullptr;
        if (length == 9 && near(CueKind::account)) return "ACCOUNT";
        if (length == 4 || length == 3) {
            if (near(CueKind::cvv)) return "CVV";
            if (const char* type = partial(length)) return type;
        }
        return secret_or_answer(length);
    }

private:
    [[nodiscard]] const char* secret_or_answer(std::size_t length) const {
        const auto pin = distance(CueKind::pin);
        const auto otp = distance(CueKind::otp);
        if (pin && length >= 4 && length <= 6 && (!otp || *pin < *otp)) return "PIN";
        if (otp && length >= 4 && length <= 8) return "OTP";
        if (otp && length == 3 && run_.groups.size() == 3) return "OTP"; // "four, eight, two …"
        if (length >= 7 && near(CueKind::phone)) return "PHONE";
        const bool plate = length == 4 && run_.groups.size() != 2;
        return plate && near(CueKind::vehicle) ? "VEHICLE" : nullptr;
    }

    /// "Last four digits": of what, say the other words.
    [[nodiscard]] const char* partial(std::size_t length) const {
        if (!near(CueKind::partial) || length < 3) return nullptr;
        for (const CueKind kind :
             {CueKind::card, CueKind::aadhaar, CueKind::account, CueKind::vehicle})
            if (near(kind)) return placeholder_type(kind);
        return placeholder_type(CueKind::partial);
    }

    /// Words between the run and the nearest such cue; a cue in the answered turn counts as far.
    [[nodiscard]] std::optional<int> distance(CueKind kind) const {
        const auto before = cues_.distance(turn_, kind, run_.word_from(), cue_reach);
        const auto after = cues_.distance(turn_, kind, run_.word_to(), cue_reach);
        if (before && after) return std::min(*before, *after);
        if (before) return before;
        if (after) return after;
        return cues_.answers(turn_, kind) ? std::optional(cue_reach) : std::nullopt;
    }

    [[nodiscard]] bool near(CueKind kind) const { return distance(kind).has_value(); }

    [[nodiscard]] bool near_phone() const {
        const auto phone = distance(CueKind::phone);
        const auto account = distance(CueKind::account);
        return phone && account && *phone < *account;
    }

    const CueMap& cues_;
    const DigitRun& run_;
    std::size_t turn_;
};

Hit hit_of(const DigitRun& run, const char* type) {
    return {.type = type, .turn = run.turn, .from = run.word_from(), .to = run.word_to()};
}

/// Consecutive groups whose digits are a certain form: "98310 44125 98300 71125" holds two phones.
bool find_inside(const CueMap& cues, const DigitRun& run, Hits& hits) {
    bool found = false;
    const RunClassifier classifier(cues, run);
    for (std::size_t from = 0; from < run.groups.size();) {
        std::string digits;
        std::size_t match = from;
        const char* type = nullptr;
        for (std::size_t to = from; to < run.groups.size() && digits.size() <= 19; ++to) {
            digits += run.groups[to].digits;
            if (const char* form = classifier.certain(digits, false)) {
                type = form;
                match = to;
            }
        }
        if (type != nullptr)
            hits.push_back({.type = type,
                            .turn = run.turn,
                            .from = run.groups[from].word_from,
                            .to = run.groups[match].word_to});
        found = found || type != nullptr;
        from = type != nullptr ? match + 1 : from + 1;
    }
    return found;
}

/// The parts of a run between sentence ends, each judged alone.
void judge_parts(const CueMap& cues, const DigitRun& run, Hits& hits) {
    DigitRun part = run;
    part.groups.clear();
    const auto judge = [&] {
        if (part.groups.empty()) return;
        const RunClassifier classifier(cues, part);
        const std::string digits = part.digits();
        const char* type = classifier.certain(digits, part.plus);
        if (type == nullptr) type = classifier.by_cue(digits);
        if (type != nullptr) hits.push_back(hit_of(part, type));
        part.groups.clear();
    };
    for (const DigitGroup& group : run.groups) {
        part.groups.push_back(group);
        if (group.split_after) judge();
    }
    judge();
}

void judge_run(const CueMap& cues, const DigitRun& run, Hits& hits) {
    const std::string digits = run.digits();
    if (digits.size() < 3) return;
    if (digits.size() >= 10) {
        find_inside(cues, run, hits); // types first; whatever is left over is masked as a number
        hits.push_back(hit_of(run, RunClassifier(cues, run).by_cue(digits)));
        return;
    }
    judge_parts(cues, run, hits);
}

/// Numbers dictated over several turns, with what the other side read back in between.
void judge_chain(const CueMap& cues,
                 const std::vector<DigitRun>& runs,
                 const RunChain& chain,
                 std::vector<bool>& taken,
                 Hits& hits) {
    std::string digits;
    for (const std::size_t i : chain.runs)
        digits += runs[i].digits();
    const RunClassifier classifier(cues, runs[chain.runs.front()]);
    const char* type = classifier.certain(digits, runs[chain.runs.front()].plus);
    if (type == nullptr) type = classifier.by_cue(digits);
    if (type == nullptr) return;
    for (const auto* members : {&chain.runs, &chain.read_backs}) {
        for (const std::size_t i : *members) {
            hits.push_back(hit_of(runs[i], type));
            taken[i] = true;
        }
    }
}

void find_numbers(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits) {
    const std::vector<DigitRun> runs = digit_runs(turns);
    std::vector<bool> taken(runs.size(), false);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const char* type = RunClassifier(cues, runs[i]).certain(runs[i].digits(), runs[i].plus);
        if (type == nullptr) continue;
        hits.push_back(hit_of(runs[i], type));
        taken[i] = true;
    }
    for (const RunChain& chain : run_chains(turns, runs, taken))
        judge_chain(cues, runs, chain, taken, hits);
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (!taken[i]) judge_run(cues, runs[i], hits);
}

/// Where a secret was asked for and the recogniser was unsure, nothing of the answer is shown.
void widen_unsure(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
        if (turns[t].words.empty() || turns[t].confidence >= unsure_confidence) continue;
        if (const auto secret = cues.secret_answered(t))
            hits.push_back({.type = placeholder_type(*secret),
                            .turn = static_cast<int>(t),
                            .from = 0,
                            .to = static_cast<int>(turns[t].words.size()) - 1});
    }
}

void fill_times(const Turn& turn, PersonalSpan& span) {
    const auto from = static_cast<std::size_t>(span.word_from);
    const auto to = static_cast<std::size_t>(span.word_to);
    span.start_ms = from < turn.words.size() ? turn.words[from].start_ms : turn.start_ms;
    span.end_ms = to < turn.words.size() ? turn.words[to].end_ms : turn.end_ms;
}

/// One span a stretch of words; where detectors overlap the earlier one gives the type.
std::vector<PersonalSpan>
spans_of(const Transcript& transcript, const std::vector<SpokenTurn>& turns, const Hits& hits) {
    std::vector<std::vector<const Hit*>> owner(turns.size());
    for (const Hit& hit : hits) {
        auto& words = owner[static_cast<std::size_t>(hit.turn)];
        if (words.empty()) words.resize(turns[static_cast<std::size_t>(hit.turn)].words.size());
        for (int i = hit.from; i <= hit.to; ++i)
            if (words[static_cast<std::size_t>(i)] == nullptr)
                words[static_cast<std::size_t>(i)] = &hit;
    }
    std::vector<PersonalSpan> spans;
    for (std::size_t t = 0; t < owner.size(); ++t) {
        const auto& words = owner[t];
        for (std::size_t i = 0; i < words.size();) {
            std::size_t end = i + 1;
            if (words[i] == nullptr) {
                ++i;
                continue;
            }
            while (end < words.size() && words[end] == words[i])
                ++end;
            PersonalSpan span{.type = words[i]->type,
                              .turn = static_cast<int>(t) + 1,
                              .word_from = static_cast<int>(i),
                              .word_to = static_cast<int>(end) - 1};
            fill_times(transcript.turns[t], span);
            spans.push_back(std::move(span));
            i = end;
        }
    }
    return spans;
}

} // namespace

std::vector<PersonalSpan>
find_personal_data(const Transcript& transcript, const KnownNames& names, Audience audience) {
    std::vector<SpokenTurn> turns;
    turns.reserve(transcript.turns.size());
    TurnReader reader;
    for (const Turn& turn : transcript.turns)
        turns.push_back(reader.read(turn));
    const CueMap cues(turns);
    std::vector<std::string> known{names.customer};
    if (audience == Audience::model) known.push_back(names.agent);

    Hits hits;
    find_mail_and_payment(turns, hits);
    find_plates_and_pan(turns, hits);
    find_birth_dates(turns, cues, hits);
    find_numbers(turns, cues, hits);
    find_addresses(turns, cues, hits);
    find_names(turns, cues, known, hits);
    widen_unsure(turns, cues, hits);
    return spans_of(transcript, turns, hits);
}

Transcript redacted(const Transcript& transcript, const std::vector<PersonalSpan>& spans) {
    Transcript masked = transcript;
    for (const PersonalSpan& span : spans) {
        const auto index = static_cast<std::size_t>(span.turn) - 1;
        if (span.turn < 1 || index >= masked.turns.size()) continue;
        Turn& turn = masked.turns[index];
        if (turn.words.empty()) interpolate_words(turn);
        for (int i = std::max(span.word_from, 0);
             i <= span.word_to && i < static_cast<int>(turn.words.size());
             ++i)
            turn.words[static_cast<std::size_t>(i)].text =
                i == span.word_from ? "[" + span.type + "]" : std::string(rest_mark);
        turn.text.clear();
        for (const Word& word : turn.words) {
            if (!turn.text.empty()) turn.text += ' ';
            turn.text += word.text;
        }
    }
    return masked;
}

std::string redacted_text(std::string_view text, const KnownNames& names, Audience audience) {
    Transcript transcript;
    transcript.turns.emplace_back().text = text;
    const auto spans = find_personal_data(transcript, names, audience);
    std::string out;
    std::size_t from = 0;
    std::size_t span = 0;
    int index = 0;
    while (from < text.size()) {
        const std::size_t start = std::min(text.find_first_not_of(" \t\n\r", from), text.size());
        const std::size_t end = std::min(text.find_first_of(" \t\n\r", start), text.size());
        while (span < spans.size() && spans[span].word_to < index)
            ++span;
        const bool inside =
            span < spans.size() && start < text.size() && index >= spans[span].word_from;
        if (!inside) {
            out += text.substr(from, end - from);
        } else if (index == spans[span].word_from) {
            out += text.substr(from, start - from);
            out += "[" + spans[span].type + "]";
        }
        const char last = end > from ? text[end - 1] : '\0';
        if (inside && index == spans[span].word_to &&
            (last == '.' || last == ',' || last == '?' || last == '!'))
            out += last;
        from = end;
        ++index;
    }
    return out;
}

} // namespace hs::analysis
