#include "analysis/redaction/digit_runs.hpp"

#include <algorithm>
#include <optional>

namespace hs::analysis::redaction {
namespace {

constexpr int max_fillers_inside = 4;
constexpr std::size_t max_chain_digits = 19; // the longest number anybody dictates: a card
constexpr std::size_t backchannel_words = 3;

bool is_single_digit(const SpokenWord& word) {
    if (!word.digits.empty()) return word.digits.size() == 1;
    return word.number.kind == NumberKind::digits && word.number.digits.size() == 1;
}

std::string_view digits_of(const SpokenWord& word) {
    return word.digits.empty() ? word.number.digits : std::string_view(word.digits);
}

/// "double zero", "triple nine": the repeated digit.
std::optional<DigitGroup> repeated(const SpokenWords& words, std::size_t at) {
    if (words[at].number.kind != NumberKind::repeat || at + 1 >= words.size()) return std::nullopt;
    const SpokenWord& next = words[at + 1];
    if (next.quantity || !is_single_digit(next)) return std::nullopt;
    const auto times = static_cast<std::size_t>(words[at].number.digits[0] - '0');
    return DigitGroup{.word_from = static_cast<int>(at),
                      .word_to = static_cast<int>(at + 1),
                      .digits = std::string(times, digits_of(next)[0])};
}

/// The number that starts at word `at`, if one does.
std::optional<DigitGroup> group_at(const SpokenWords& words, std::size_t at) {
    auto group = repeated(words, at);
    if (!group) {
        if (!words[at].numeric()) return std::nullopt;
        group = DigitGroup{.word_from = static_cast<int>(at),
                           .word_to = static_cast<int>(at),
                           .digits = std::string(digits_of(words[at]))};
        const bool joins = words[at].number.kind == NumberKind::tens && !words[at].ends_clause &&
                           at + 1 < words.size() && words[at + 1].numeric() &&
                           is_single_digit(words[at + 1]) && digits_of(words[at + 1]) != "0";
        if (joins) {
            group->digits[1] = digits_of(words[at + 1])[0];
            ++group->word_to;
        }
    }
    auto next = static_cast<std::size_t>(group->word_to) + 1;
    while (next < words.size() && words[next].number.kind == NumberKind::multiplier) {
        group->digits += words[next].number.digits;
        group->multiplied = true;
        group->word_to = static_cast<int>(next++);
    }
    group->split_after = words[static_cast<std::size_t>(group->word_to)].ends_sentence;
    return group;
}

/// Fillers that only hold the line; a number's name ("number", "nambar") may follow a place word.
bool place_before(const SpokenWords& words, int from) {
    for (int at = from - 1; at >= 0 && at >= from - 2; --at) {
        const SpokenWord& word = words[static_cast<std::size_t>(at)];
        if (word.place) return true;
        if (word.key != "number" && word.key != "no" && word.key != "nambar" && word.key != "नंबर")
            return false;
    }
    return false;
}

/// Marks quantities: a unit after the run belongs to its last number, or to all of a short run; a
/// run as long as a telephone number is masked whole, one digit too many does no harm.
void mark_context(const SpokenWords& words, DigitRun& run) {
    const auto after = static_cast<std::size_t>(run.word_to()) + 1;
    const bool clause_ends = words[after - 1].ends_sentence;
    const std::size_t length = run.digits().size();
    if (after < words.size() && words[after].unit && !clause_ends) {
        if (length <= 6 || run.groups.size() == 1)
            run.quantity = length < 10;
        else if (length < 10)
            run.groups.pop_back();
    }
    run.place = place_before(words, run.word_from()) && length <= 5;
    const int before = run.word_from() - 1;
    if (before >= 0 && words[static_cast<std::size_t>(before)].currency && length <= 7)
        run.quantity = true;
    const bool multiplied = std::any_of(
        run.groups.begin(), run.groups.end(), [](const auto& group) { return group.multiplied; });
    if (multiplied && length < 10) run.quantity = true;
}

void finish(const SpokenWords& words, DigitRun run, std::vector<DigitRun>& runs) {
    if (run.groups.empty()) return;
    mark_context(words, run);
    const auto only_fillers = [](const auto& word) { return word.filler; };
    run.opens_turn = std::all_of(words.begin(), words.begin() + run.word_from(), only_fillers);
    run.ends_turn = std::all_of(words.begin() + run.word_to() + 1, words.end(), only_fillers);
    runs.push_back(std::move(run));
}

void runs_of_turn(const SpokenTurn& turn, int index, std::vector<DigitRun>& runs) {
    DigitRun open{.turn = index};
    int fillers = 0;
    for (std::size_t at = 0; at < turn.words.size();) {
        const SpokenWord& word = turn.words[at];
        if (auto group = group_at(turn.words, at)) {
            if (word.plus && !open.groups.empty()) {
                finish(turn.words, std::move(open), runs);
                open = {.turn = index};
            }
            open.plus = open.plus || word.plus;
            at = static_cast<std::size_t>(group->word_to) + 1;
            open.groups.push_back(std::move(*group));
            fillers = 0;
            continue;
        }
        const bool holds = (word.filler || word.number.kind == NumberKind::repeat) &&
                           ++fillers <= max_fillers_inside;
        if (!holds && !open.groups.empty()) {
            finish(turn.words, std::move(open), runs);
            open = {.turn = index};
        }
        ++at;
    }
    finish(turn.words, std::move(open), runs);
}

/// A turn that lets the other side go on dictating: a few words, or nothing but digits.
bool lets_continue(const SpokenTurn& turn) {
    if (turn.words.size() <= backchannel_words) return true;
    return std::all_of(turn.words.begin(), turn.words.end(), [](const SpokenWord& word) {
        return word.filler || word.numeric() || word.number.kind == NumberKind::repeat;
    });
}

/// The next turn of the same speaker when nothing but such turns lies between; -1 otherwise.
int continuation(const std::vector<SpokenTurn>& turns, int from) {
    const auto& speaker = turns[static_cast<std::size_t>(from)];
    for (int at = from + 1; at < static_cast<int>(turns.size()) && at <= from + 4; ++at) {
        const SpokenTurn& turn = turns[static_cast<std::size_t>(at)];
        if (turn.role == speaker.role && turn.speaker == speaker.speaker) return at;
        if (!lets_continue(turn)) return -1;
    }
    return -1;
}

} // namespace

std::string DigitRun::digits() const {
    std::string all;
    for (const DigitGroup& group : groups)
        all += group.digits;
    return all;
}

std::vector<DigitRun> digit_runs(const std::vector<SpokenTurn>& turns) {
    std::vector<DigitRun> runs;
    for (std::size_t i = 0; i < turns.size(); ++i)
        runs_of_turn(turns[i], static_cast<int>(i), runs);
    return runs;
}

std::vector<RunChain> run_chains(const std::vector<SpokenTurn>& turns,
                                 const std::vector<DigitRun>& runs,
                                 const std::vector<bool>& taken) {
    std::vector<RunChain> chains;
    std::vector<bool> used = taken;
    const auto first_run_of = [&](int turn) {
        return std::lower_bound(runs.begin(),
                                runs.end(),
                                turn,
                                [](const DigitRun& run, int index) { return run.turn < index; }) -
               runs.begin();
    };
    for (std::size_t start = 0; start < runs.size(); ++start) {
        RunChain chain{.runs = {start}, .read_backs = {}};
        std::size_t length = runs[start].digits().size();
        while (!used[start] && !runs[chain.runs.back()].quantity &&
               runs[chain.runs.back()].ends_turn) {
            const int turn = runs[chain.runs.back()].turn;
            const int next_turn = continuation(turns, turn);
            if (next_turn < 0) break;
            const auto next = static_cast<std::size_t>(first_run_of(next_turn));
            if (next >= runs.size() || runs[next].turn != next_turn || !runs[next].opens_turn ||
                used[next] || runs[next].quantity)
                break;
            length += runs[next].digits().size();
            if (length > max_chain_digits) break;
            for (auto i = chain.runs.back() + 1; i < next; ++i)
                chain.read_backs.push_back(i);
            chain.runs.push_back(next);
        }
        if (chain.runs.size() < 2) continue;
        for (const std::size_t i : chain.runs)
            used[i] = true;
        chains.push_back(std::move(chain));
    }
    return chains;
}

} // namespace hs::analysis::redaction
