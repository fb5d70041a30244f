/// Processor time of judging: calls of 2, 10 and 60 minutes made of the corpus' turns in another
/// order, with the default scorecard. Prints words, milliseconds and milliseconds per 1,000 words
/// of the whole judgement, and of its first part, splitting into words and matching all rules.
///
///     bench_judging [REPETITIONS [MINUTES]]
///     bench_judging --fingerprint
///
/// The second form judges both corpora and the long calls, as given, with roles to be found and as
/// a machine would have heard them, and prints a hash per judgement: a change for speed keeps all.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <random>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analysis/eval/report.hpp"
#include "analysis/judge.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/text/tokens.hpp"
#include "analysis/transcript_json.hpp"
#include "base/crypto.hpp"
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

// --- fingerprints
// ---------------------------------------------------------------------------------

std::string fingerprint(const hs::analysis::Judgement& judgement) {
    std::string all = hs::JsonWriter().document(judgement.document).take();
    for (const auto& span : judgement.personal_data)
        all += fmt::format("{} {} {} {}\n", span.type, span.turn, span.word_from, span.word_to);
    for (const auto& turn : judgement.redacted.turns)
        for (const auto& word : turn.words)
            all += fmt::format("{} {} {}\n", word.text, word.start_ms, word.end_ms);
    for (const double score : judgement.evaluation.sentiment.turn_scores)
        all += fmt::format("{} ", score);
    return hs::sha256_hex(all);
}

/// The call with its speakers' roles to be found.
GivenCall without_roles(GivenCall call) {
    for (auto& turn : call.transcript.turns) {
        turn.speaker = turn.role == hs::Role::agent ? "spk1" : "spk0";
        turn.role = hs::Role::unknown;
    }
    return call;
}

/// The call with every third word misheard by a letter, doubtful words and spotted phrases.
GivenCall as_heard(GivenCall call) {
    call.transcript.machine = true;
    call.transcript.low_confidence = true;
    std::size_t count = 0;
    for (auto& turn : call.transcript.turns) {
        for (auto& word : turn.words) {
            ++count;
            if (count % 3 == 0 && word.text.size() > 5) word.text.erase(word.text.size() / 2, 1);
            word.confidence = 0.3 + 0.1 * static_cast<double>(count % 8);
        }
        if (turn.index % 4 == 1)
            call.context.spotted.push_back(
                {"thank you for calling", turn.role, turn.start_ms, turn.end_ms, 0.7});
    }
    call.context.names = {"Priya Sharma", "Rahul"};
    return call;
}

void print_fingerprints(const hs::analysis::Judge& judge, const std::string& id, GivenCall call) {
    const auto print = [&](const char* form, const GivenCall& given) {
        std::cout << fingerprint(judge.judge(given.transcript, given.context)) << ' ' << id << ' '
                  << form << '\n';
    };
    print("given", call);
    print("roles", without_roles(call));
    print("heard", as_heard(std::move(call)));
}

void print_all_fingerprints(const hs::analysis::Judge& judge) {
    const std::string folder = HS_SOURCE_DIR "/tests/data/";
    std::vector<hs::analysis::Point> points;
    for (const auto* const file :
         {"corpus/manifest.json", "corpus/transcripts.json", "corpus-fresh/transcripts.json"}) {
        const auto document = hs::parse_json(hs::read_file(folder + file).value()).value();
        const auto calls = hs::analysis::read_dataset(document).value();
        for (const auto& labelled : calls) {
            const auto judgement = judge.judge(labelled.call.transcript, labelled.call.context);
            hs::analysis::add_points(labelled, judgement.evaluation, points);
            print_fingerprints(judge, labelled.id, labelled.call);
        }
    }
    const auto report = hs::analysis::report_json(hs::analysis::table_of(points), points, true);
    std::cout << hs::sha256_hex(hs::JsonWriter().document(report).take()) << " agreement table\n";
    const auto turns = corpus_turns();
    std::mt19937 random(1);
    for (const int minutes : {2, 10, 60})
        print_fingerprints(
            judge, fmt::format("{} minutes", minutes), {call_of(turns, minutes, random), {}});
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view option = argc > 1 ? argv[1] : "9";
    const int repetitions = std::max(1, std::atoi(option.data()));
    const auto judge =
        hs::analysis::Judge::load(HS_SOURCE_DIR "/scorecards", "battery-swap-support", 1);
    if (!judge) {
        std::cerr << judge.error().message << '\n';
        return 1;
    }
    if (option == "--fingerprint") {
        print_all_fingerprints(*judge);
        return 0;
    }
    const auto rules = default_rules();
    const auto turns = corpus_turns();
    std::mt19937 random(1); // the same calls every time
    std::cout << "ms of processor time per 1,000 words\n"
                 "minutes   words  splitting    rules  whole judgement  calls/s on one core\n";
    const int only = argc > 2 ? std::atoi(argv[2]) : 0;
    for (const int minutes : {2, 10, 60}) {
        const auto call = call_of(turns, minutes, random);
        if (only != 0 && minutes != only) continue;
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
        std::cout << fmt::format("{:>7} {:>7} {:>10.2f} {:>8.2f} {:>16.2f} {:>20.0f}\n",
                                 minutes,
                                 words,
                                 split,
                                 ruled,
                                 judged,
                                 1e6 / (judged * static_cast<double>(words)));
    }
    return 0;
}
