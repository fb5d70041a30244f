#include "analysis/judging/outcome.hpp"

#include <algorithm>
#include <set>

namespace hs::analysis {

namespace {

constexpr int most_turns = 10000;

struct Mark {
    const OutcomeRule* outcome = nullptr;
    RuleSpan span;
};

/// Turns in which the agent broke privacy: what was "given" there resolves nothing.
std::set<int> tainted_turns(const CallCase& call) {
    std::set<int> turns;
    for (const auto& cue : call.evaluation.cues) {
        if (cue.cue == "privacy") turns.insert(cue.evidence.turn);
    }
    for (const auto& span : signal_spans(call, "privacy")) {
        turns.insert(span.turn);
        turns.insert(span.turn_to);
    }
    return turns;
}

/// "If it happens again we send somebody" promises nothing for this call.
bool conditional(const RuleSpan& span, const std::vector<RuleSpan>& conditions) {
    constexpr int reach = 8;
    return std::any_of(conditions.begin(), conditions.end(), [&](const RuleSpan& condition) {
        return condition.turn == span.turn && condition.word_to < span.word_from &&
               span.word_from - condition.word_to <= reach;
    });
}

std::vector<Mark> outcome_marks(const CallCase& call) {
    std::vector<Mark> marks;
    const int from = issue_turn(call);
    const auto tainted = tainted_turns(call);
    const auto conditions = signal_spans(call, "condition");
    for (const auto& outcome : call.card.outcomes) {
        for (const auto& span : call.run.spans(outcome.rule)) {
            const auto* turn = turn_at(call.transcript, span.turn);
            if (turn == nullptr || turn->role != Role::agent || span.turn < from) continue;
            if (is_concrete(outcome.status) && tainted.contains(span.turn)) continue;
            if (outcome.status == "pending" && conditional(span, conditions)) continue;
            marks.push_back({&outcome, span});
        }
    }
    return marks;
}

bool later(const RuleSpan& a, const RuleSpan& b) {
    return a.turn != b.turn ? a.turn > b.turn : a.word_to > b.word_to;
}

/// "I will give feedback" matches an action and a vague phrase: then it is vague.
bool overlaps(const RuleSpan& a, const RuleSpan& b) {
    return a.turn == b.turn && a.word_from <= b.word_to && b.word_from <= a.word_to;
}

const Mark* last_of(const std::vector<Mark>& marks, bool concrete) {
    const Mark* last = nullptr;
    for (const auto& mark : marks) {
        if (is_concrete(mark.outcome->status) != concrete) continue;
        if (last == nullptr || later(mark.span, last->span)) last = &mark;
    }
    return last;
}

const Mark* last_with(const std::vector<Mark>& marks, std::string_view status) {
    const Mark* last = nullptr;
    for (const auto& mark : marks) {
        if (mark.outcome->status == status && (last == nullptr || later(mark.span, last->span)))
            last = &mark;
    }
    return last;
}

void drop_vague_actions(std::vector<Mark>& marks) {
    std::vector<RuleSpan> weak;
    for (const auto& mark : marks) {
        if (!is_concrete(mark.outcome->status)) weak.push_back(mark.span);
    }
    std::erase_if(marks, [&](const Mark& mark) {
        return is_concrete(mark.outcome->status) &&
               std::any_of(weak.begin(), weak.end(), [&](const RuleSpan& span) {
                   return overlaps(mark.span, span);
               });
    });
}

/// A turn of the customer in the last `count` customer turns after `after` in which the signal
/// holds; 0 when there is none.
int late_signal(const CallCase& call, const std::string& purpose, int after, int count) {
    std::vector<int> last_turns;
    for (auto turn = call.transcript.turns.rbegin(); turn != call.transcript.turns.rend(); ++turn) {
        if (turn->role != Role::customer || turn->index <= after) continue;
        if (static_cast<int>(last_turns.size()) == count) break;
        last_turns.push_back(turn->index);
    }
    for (const auto& span : signal_spans(call, purpose)) {
        if (std::find(last_turns.begin(), last_turns.end(), span.turn) != last_turns.end())
            return span.turn;
    }
    return 0;
}

double mood_at(const CallCase& call, int turn) {
    const auto& scores = call.evaluation.sentiment.turn_scores;
    const auto at = static_cast<std::size_t>(turn - 1);
    return turn > 0 && at < scores.size() ? scores[at] : 0;
}

/// The caller's last words: how they sound, 0 when nothing was said behind `after`.
double last_mood(const CallCase& call, int after) {
    for (auto turn = call.transcript.turns.rbegin(); turn != call.transcript.turns.rend(); ++turn) {
        if (turn->index <= after) break;
        const double mood = turn->role == Role::customer ? mood_at(call, turn->index) : 0;
        if (mood != 0) return mood;
    }
    return 0;
}

/// Whether the caller took it well: thanks, contentment or "it works" in the last two turns.
int content_turn(const CallCase& call, int after) {
    for (const auto* purpose : {"accepts", "confirms", "satisfied"}) {
        const int turn = late_signal(call, purpose, after, 2);
        if (turn > 0 && mood_at(call, turn) >= 0) return turn;
    }
    return 0;
}

bool is_visit(const CallCase& call, const Mark& mark) {
    const auto visits = signal_spans(call, "visit");
    return std::any_of(visits.begin(), visits.end(), [&](const RuleSpan& span) {
        return span.turn == mark.span.turn;
    });
}

/// A promise that somebody comes or calls stays open whatever else was done; a promise that
/// something will be put right is kept when the caller sees it.
bool kept(const CallCase& call, const Mark& pending) {
    return !is_visit(call, pending) &&
           late_signal(call, "confirms", pending.span.turn, most_turns) > 0;
}

/// Whether a later refusal or vague phrase undoes what was concrete: not beside it in one turn, not
/// a vague word after somebody was sent, and not when the caller is content afterwards.
bool taken_back(const CallCase& call, const Mark& good, const Mark* bad) {
    if (bad == nullptr || bad->span.turn <= good.span.turn) return false;
    if (bad->outcome->status == "vague" && good.outcome->status == "pending" &&
        is_visit(call, good))
        return false;
    if (content_turn(call, bad->span.turn) > 0) return false;
    return bad->outcome->status != "vague" || last_mood(call, bad->span.turn) < 0 ||
           good.outcome->status == "information";
}

const Mark* deciding_mark(const CallCase& call, std::vector<Mark>& marks) {
    if (const auto* promise = last_with(marks, "false_promise")) return promise;
    drop_vague_actions(marks);
    const auto* good = last_of(marks, true);
    const auto* bad = last_of(marks, false);
    if (good == nullptr || taken_back(call, *good, bad)) return bad;
    const auto* done = last_with(marks, "done");
    const auto* pending = last_with(marks, "pending");
    if (pending != nullptr && !kept(call, *pending)) return pending;
    if (done != nullptr) return done;
    return good;
}

/// Said to be done, but the caller goes away angry and neither accepted nor confirmed it since.
bool left_angry(const CallCase& call, const Mark& mark) {
    constexpr double angry = -0.45;
    return mark.outcome->status == "done" && last_mood(call, mark.span.turn) < angry &&
           call.evaluation.sentiment.end < angry &&
           late_signal(call, "confirms", mark.span.turn, most_turns) == 0 &&
           late_signal(call, "accepts", mark.span.turn, most_turns) == 0;
}

bool still_failing(const CallCase& call, const RuleSpan& since) {
    const int turn = late_signal(call, "still_failing", since.turn, 2);
    return turn > since.turn && mood_at(call, turn) < 0 &&
           late_signal(call, "accepts", turn - 1, 2) == 0;
}

/// The caller points at a contradiction and stays unhappy. A commitment stands all the same, unless
/// it is the commitment that the caller finds contradicted.
bool told_two_things(const CallCase& call, const Mark& mark) {
    if (mark.outcome->status == "pending") {
        const int doubted = late_signal(call, "contradiction", mark.span.turn, most_turns);
        return doubted > 0 && late_signal(call, "accepts", doubted, 2) == 0;
    }
    const int said = late_signal(call, "contradiction", issue_turn(call), most_turns);
    const auto& sentiment = call.evaluation.sentiment;
    return said > 0 && sentiment.scored && sentiment.end < -0.25 &&
           late_signal(call, "accepts", said, 2) == 0;
}

/// In trouble an answer is worth what the caller makes of it: without a word of acceptance it
/// helped nobody. Nor did what is said to be done, when the caller goes away bitter and saw nothing
/// work. A commitment is still to be kept.
bool scorned(const CallCase& call, const Mark& mark, const Farewell& farewell) {
    const auto& status = mark.outcome->status;
    if (status == "pending" || signal_spans(call, "open_trouble").empty()) return false;
    if (status == "information")
        return content_turn(call, mark.span.turn) == 0 && !farewell.content && !farewell.relieved &&
               !farewell.accepts;
    return farewell.bitter && !farewell.relieved &&
           late_signal(call, "confirms", mark.span.turn, most_turns) == 0;
}

void set_evidence(CallCase& call, const RuleSpan& span, ResolutionAnalysis& out) {
    const auto evidence = call.run.evidence(span);
    if (evidence.empty()) return;
    const auto quote = quoted(call, evidence.front());
    if (!quote.quote.empty()) call.outcome_evidence = quote;
    out.turn_number = quote.turn;
    out.start_ms = quote.start_ms;
    out.end_ms = quote.end_ms;
    out.quote = quote.quote;
    out.confidence = span.confidence;
}

void set_raw(const CallCase& call, const Mark& mark, ResolutionAnalysis& out) {
    out.raw_score = mark.outcome->raw;
    if (out.status == "pending") {
        if (!out.due.empty() && !out.owner.empty()) out.raw_score += 0.05;
        if (late_signal(call, "satisfied", mark.span.turn, 2) > 0) out.raw_score = 0.90;
    } else if (out.status == "done" || out.status == "information") {
        if (out.customer_accepted.value_or(false)) out.raw_score += 0.10;
    }
    out.raw_score = std::clamp(out.raw_score, 0.0, 1.0);
}

/// First quote of a signal in the deciding turn: the time or the person of a commitment.
std::string signal_quote(const CallCase& call, const std::string& purpose, int turn) {
    for (const auto& span : signal_spans(call, purpose)) {
        if (span.turn != turn) continue;
        const auto evidence = call.run.evidence(span);
        if (!evidence.empty()) return quoted(call, evidence.front()).quote;
    }
    return {};
}

void collect_promises(const CallCase& call,
                      const std::vector<Mark>& marks,
                      ResolutionAnalysis& out) {
    std::set<int> turns;
    for (const auto& mark : marks) {
        if (mark.outcome->status != "pending" || !turns.insert(mark.span.turn).second) continue;
        const auto evidence = call.run.evidence(mark.span);
        if (evidence.empty()) continue;
        out.promises.push_back({quoted(call, evidence.front()).quote,
                                signal_quote(call, "due", mark.span.turn),
                                mark.span.turn});
    }
}

/// The turn in which the agent, in words no rule knows, named a time (`dated`) or explained most.
int telling_turn(const CallCase& call, bool dated) {
    constexpr std::size_t telling_words = 6;
    const auto tainted = tainted_turns(call);
    const auto dues = signal_spans(call, "due");
    int found = 0;
    std::size_t words = telling_words - 1;
    for (const auto& turn : call.transcript.turns) {
        if (turn.role != Role::agent || turn.index < issue_turn(call) ||
            turn.words.size() <= words || turn.text.ends_with('?') || tainted.contains(turn.index))
            continue;
        if (dated && std::none_of(dues.begin(), dues.end(), [&](const RuleSpan& due) {
                return due.turn == turn.index;
            }))
            continue;
        found = turn.index;
        words = turn.words.size();
    }
    return found;
}

void set_turn(CallCase& call, int turn, ResolutionAnalysis& out) {
    const auto quote = whole_turn(call, turn, EvidenceKind::said);
    call.outcome_evidence = quote;
    out.turn_number = quote.turn;
    out.start_ms = quote.start_ms;
    out.end_ms = quote.end_ms;
    out.quote = quote.quote;
    out.action = quote.quote;
}

/// The agent's last turn before the caller saw it work, 0 when the caller did not, or when it
/// failed again: whatever the agent's words were, they did it.
int working_turn(const CallCase& call, int after) {
    constexpr std::size_t least_words = 2;
    const int seen = late_signal(call, "confirms", after, most_turns);
    if (seen == 0 || mood_at(call, seen) < 0 ||
        late_signal(call, "still_failing", seen, most_turns) > 0 || last_mood(call, seen) < 0)
        return 0;
    int told = 0;
    for (const auto& turn : call.transcript.turns) {
        if (turn.index >= seen) break;
        if (turn.role == Role::agent && turn.index >= issue_turn(call) &&
            turn.words.size() >= least_words)
            told = turn.index;
    }
    return told;
}

bool judge_by_success(CallCase& call, int after, ResolutionAnalysis& out) {
    const int told = working_turn(call, after);
    if (told == 0 || tainted_turns(call).contains(told)) return false;
    out.status = "done";
    out.is_valid = true;
    out.confidence = call.transcript.low_confidence ? 0.3 : 0.6;
    out.raw_score = 0.90;
    out.customer_accepted = content_turn(call, told) > 0;
    set_turn(call, told, out);
    return true;
}

/// No rule knows the words: a time that nobody objected to is a commitment; an explanation
/// the caller is content with is an answer.
void judge_without_marks(CallCase& call, ResolutionAnalysis& out) {
    out.confidence = call.transcript.low_confidence ? 0.3 : 0.8;
    if (judge_by_success(call, issue_turn(call), out)) return;
    const int dated = telling_turn(call, true);
    const int told = telling_turn(call, false);
    const bool content = told > 0 && content_turn(call, told) > 0 && last_mood(call, told) >= 0;
    const auto ahead = signal_spans(call, "ahead");
    const bool open = dated > 0 && last_mood(call, dated) >= 0 &&
                      (!content || std::any_of(ahead.begin(), ahead.end(), [&](const auto& span) {
                          return span.turn == dated;
                      }));
    if (!open && !content) return;
    out.status = open ? "pending" : "information";
    out.is_valid = true;
    out.confidence = 0.5;
    out.raw_score = open ? 0.70 : 0.90;
    out.customer_accepted = content;
    set_turn(call, open ? dated : told, out);
}

} // namespace

bool is_concrete(std::string_view status) {
    return status == "done" || status == "pending" || status == "information";
}

void judge_outcome(CallCase& call, const Farewell& farewell) {
    auto& out = call.evaluation.resolution;
    out = {};
    out.scored = has_role(call.transcript, Role::customer) && !call.language_unsupported;
    if (!has_role(call.transcript, Role::customer)) return;
    auto marks = outcome_marks(call);
    const auto* mark = deciding_mark(call, marks);
    if (mark == nullptr) return judge_without_marks(call, out);
    if ((mark->outcome->status == "vague" || mark->outcome->status == "refused") &&
        judge_by_success(call, mark->span.turn, out))
        return;
    out.status = mark->outcome->status;
    out.customer_accepted = late_signal(call, "accepts", mark->span.turn, 2) > 0;
    out.due = signal_quote(call, "due", mark->span.turn);
    out.owner = signal_quote(call, "owner", mark->span.turn);
    out.amount = signal_quote(call, "amount", mark->span.turn);
    set_evidence(call, mark->span, out);
    set_raw(call, *mark, out);
    collect_promises(call, marks, out);
    if (is_concrete(out.status)) out.action = out.quote;
    if (is_concrete(out.status) &&
        (still_failing(call, mark->span) || told_two_things(call, *mark) ||
         left_angry(call, *mark) || scorned(call, *mark, farewell))) {
        out.status = "contradicted";
        out.raw_score = 0.20;
        out.customer_accepted = false;
    }
    out.is_valid = is_concrete(out.status);
}

std::vector<bool> agent_progress(const CallCase& call) {
    std::vector<bool> progress(call.transcript.turns.size(), false);
    for (const auto& outcome : call.card.outcomes) {
        if (!is_concrete(outcome.status)) continue;
        for (const auto& span : call.run.spans(outcome.rule)) {
            const auto* turn = turn_at(call.transcript, span.turn);
            if (turn != nullptr && turn->role == Role::agent)
                progress[static_cast<std::size_t>(span.turn - 1)] = true;
        }
    }
    return progress;
}

} // namespace hs::analysis
