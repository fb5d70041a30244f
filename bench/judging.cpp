/// Processor time of judging: calls of 2, 10 and 60 minutes made of the corpus' turns in another
/// order, with the default scorecard. Prints words, milliseconds and milliseconds per 1,000 words
/// of the whole judgement, and of its first part, splitting into words and matching all rules.
///
///     bench_judging [REPETITIONS]
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analysis/judge.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/text/tokens.hpp"
#include "analysis/transcript_json.hpp"
#include "base/files.hpp"

namespace {

using hs::analysis::GivenCall;

double cpu_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::vector<hs::Turn> corpus_turns() {
    const std::string folder = HS_SOURCE_DIR "/tests/data/corpus/";
    std::vector<hs::Turn> turns;
    for (const auto* const file : {"manifest.json", "transcripts.json"}) {
        const auto document = hs::parse_json(hs::read_file(folder + file).value()).value();
        for (const auto& item : document.as_object().at("calls").as_array()) {
            if (item.at("transcript").as_array().empty()) continue;
            const auto call = hs::analysis::read_given_call(item).value();
            turns.insert(turns.end(), call.transcript.turns.begin(), call.transcript.turns.end());
        }
    }
    return turns;
}

/// Turns in random order, one after the other, until the call is long enough.
hs::Transcript call_of(const std::vector<hs::Turn>& turns, int minutes, std::mt19937& random) {
    hs::Transcript call;
    call.language = "en";
    call.engine = "reference";
    while (call.duration_ms < minutes * 60'000) {
        auto turn = turns[random() % turns.size()];
        const int length = std::max(500, turn.end_ms - turn.start_ms);
        turn.index = static_cast<int>(call.turns.size()) + 1;
        turn.start_ms = call.duration_ms;
        turn.end_ms = call.duration_ms + length;
        hs::interpolate_words(turn);
        call.duration_ms = turn.end_ms + 300;
        call.turns.push_back(std::move(turn));
    }
    return call;
}

hs::analysis::Rulebook default_rules() {
    const auto document = YAML::LoadFile(HS_SOURCE_DIR "/scorecards/battery-swap-support/1.yaml");
    std::vector<hs::analysis::Lint> lints;
    auto lists = hs::analysis::read_lists(document["lists"], "", lints);
    return hs::analysis::Rulebook::compile(std::move(lists),
                                           hs::analysis::read_rules(document["rules"], "", lints));
}

void answer_all(const hs::analysis::Rulebook& book,
                const hs::Transcript& call,
                const hs::analysis::TokenText& text) {
    const hs::ConversationMetrics metrics;
    const hs::SentimentResult sentiment;
    hs::analysis::RuleRun run(book, {call, text, &metrics, &sentiment, {}, nullptr});
    for (const auto& id : book.rule_ids())
        (void)run.result(id);
}

double best_of(int repetitions, const std::function<void()>& work) {
    double best = 1e9;
    for (int i = 0; i < repetitions; ++i) {
        const double begin = cpu_ms();
        work();
        best = std::min(best, cpu_ms() - begin);
    }
    return best;
}

} // namespace

int main(int argc, char** argv) {
    const int repetitions = argc > 1 ? std::atoi(argv[1]) : 9;
    const auto judge =
        hs::analysis::Judge::load(HS_SOURCE_DIR "/scorecards", "battery-swap-support", 1);
    if (!judge) {
        std::cerr << judge.error().message << '\n';
        return 1;
    }
    const auto rules = default_rules();
    const auto turns = corpus_turns();
    std::mt19937 random(1); // the same calls every time
    std::cout << "ms of processor time per 1,000 words\n"
                 "minutes   words  splitting    rules  whole judgement\n";
    for (const int minutes : {2, 10, 60}) {
        const auto call = call_of(turns, minutes, random);
        std::size_t words = 0;
        for (const auto& turn : call.turns)
            words += turn.words.size();
        const auto text = hs::analysis::tokenise(call);
        const auto each = [&](const std::function<void()>& work) {
            return best_of(repetitions, work) * 1000 / static_cast<double>(words);
        };
        const double split = each([&] { (void)hs::analysis::tokenise(call); });
        const double ruled = each([&] { answer_all(rules, call, text); });
        const double judged = each([&] { (void)judge->judge(call, {}); });
        std::cout << fmt::format(
            "{:>7} {:>7} {:>10.2f} {:>8.2f} {:>16.2f}\n", minutes, words, split, ruled, judged);
    }
    return 0;
}
