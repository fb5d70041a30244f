// How far the default scorecard agrees with the labels of the bundled calls. Of transcripts.json
// only the first, third, … id of each language is looked into; the others are counted, so that a
// rule fitted to a sentence shows. corpus-fresh is split the same way. HS_SHOW_MISSES=1 prints the
// misses of the looked-into halves.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/judge.hpp"
#include "analysis/transcript_json.hpp"
#include "base/files.hpp"

namespace hs::analysis {
namespace {

const std::string source_dir = HS_SOURCE_DIR;

struct Labelled {
    std::string id;
    std::string language;
    std::string split; // of its own, in the set that names them
    bool check = false;
    GivenCall call;
    json::object expected;
};

std::vector<Labelled> read_calls(const std::string& file, bool halves) {
    const auto text = read_file(source_dir + "/tests/data/" + file);
    const auto document = parse_json(*text);
    std::vector<Labelled> calls;
    for (const auto& item : document->as_object().at("calls").as_array()) {
        Labelled call;
        call.id = item.at("id").as_string().c_str();
        call.language = item.at("language").as_string().c_str();
        if (const auto* split = item.as_object().if_contains("split"))
            call.split = split->as_string();
        if (item.at("transcript").as_array().empty()) continue;
        auto given = read_given_call(item);
        call.call = std::move(*given);
        call.expected = item.at("expected").as_object();
        calls.push_back(std::move(call));
    }
    std::sort(calls.begin(), calls.end(), [](const Labelled& a, const Labelled& b) {
        return std::pair(a.language, a.id) < std::pair(b.language, b.id);
    });
    std::map<std::string, int> number;
    for (auto& call : calls)
        call.check = call.split.empty() ? halves && (number[call.language]++ % 2 == 1)
                                        : call.split == "check";
    return calls;
}

struct Tally {
    int right = 0;
    int answered = 0;
    int all = 0;

    [[nodiscard]] double agreement() const {
        return answered == 0 ? 0 : static_cast<double>(right) / answered;
    }

    [[nodiscard]] double coverage() const {
        return all == 0 ? 0 : static_cast<double>(answered) / all;
    }
};

struct Figures {
    std::map<std::string, Tally> questions;
    std::map<std::string, int> confusions; // "empathy na instead of pass" -> calls
    Tally sop;
    Tally hindi;
    Tally direction;
    Tally stabilization;
    Tally resolution;
    int hits = 0;
    int false_alarms = 0;
    int misses = 0;

    [[nodiscard]] double f1() const { return 2.0 * hits / (2.0 * hits + false_alarms + misses); }
};

bool show_misses() {
    return std::getenv("HS_SHOW_MISSES") != nullptr;
}

void note(const Labelled& call,
          const std::string& what,
          const std::string& got,
          const std::string& want) {
    if (show_misses() && !call.check)
        std::printf("  miss %s %s: got %s, want %s\n",
                    call.id.c_str(),
                    what.c_str(),
                    got.c_str(),
                    want.c_str());
}

void count(Tally& tally, bool right) {
    ++tally.all;
    ++tally.answered;
    tally.right += static_cast<int>(right);
}

void add_sop(const Labelled& call, const Evaluation& evaluation, Figures& figures) {
    const auto* sop = call.expected.if_contains("sop");
    if (sop == nullptr || !sop->is_object()) return;
    for (const auto& label : sop->as_object()) {
        const std::string want = label.value().as_string().c_str();
        if (want == "partial") continue;
        std::string got = "missing";
        std::string why;
        for (const auto& answer : evaluation.answers) {
            if (answer.question_id != std::string_view(label.key())) continue;
            got = to_string(answer.state);
            why = answer.actual;
        }
        for (auto* tally : {&figures.sop, &figures.questions[std::string(label.key())]}) {
            ++tally->all;
            if (got == "needs_review") continue;
            ++tally->answered;
            tally->right += static_cast<int>(got == want);
        }
        if (call.language != "en") {
            ++figures.hindi.all;
            figures.hindi.answered += static_cast<int>(got != "needs_review");
            figures.hindi.right += static_cast<int>(got == want);
        }
        if (got != want && !call.check)
            ++figures.confusions[std::string(label.key()) + " " + call.language + " " + got +
                                 " instead of " + want];
        if (got != want) note(call, std::string(label.key()), got + " (" + why + ")", want);
    }
}

void add_call(const Judge& judge, const Labelled& call, Figures& figures) {
    const auto judgement = judge.judge(call.call.transcript, call.call.context);
    const auto& evaluation = judgement.evaluation;
    add_sop(call, evaluation, figures);
    const bool want = call.expected.at("escalation").as_bool();
    const bool got = escalation_flagged(evaluation.scores);
    figures.hits += static_cast<int>(want && got);
    figures.misses += static_cast<int>(want && !got);
    figures.false_alarms += static_cast<int>(!want && got);
    if (want != got && !call.check) {
        std::string cues;
        for (const auto& cue : evaluation.cues)
            cues += ' ' + cue.cue;
        ++figures.confusions[std::string(want ? "missed" : "false") + " escalation " +
                             call.language + ":" + cues];
    }
    if (want != got)
        note(call, "escalation", evaluation.why_flagged.value_or("no"), want ? "yes" : "no");
    const auto text = [&](const char* key) {
        const auto& value = call.expected.at(key);
        return value.is_string() ? std::string(value.as_string()) : std::string();
    };
    const auto direction = text("sentiment_direction");
    if (!direction.empty() && direction != "none") {
        count(figures.direction, direction == evaluation.sentiment.direction);
        if (direction != evaluation.sentiment.direction)
            note(call,
                 "direction",
                 evaluation.sentiment.direction + " " + std::to_string(evaluation.sentiment.start) +
                     ".." + std::to_string(evaluation.sentiment.end),
                 direction);
    }
    if (const auto& value = call.expected.at("resolution_validity_score"); value.is_number()) {
        const double found = quantised_resolution(evaluation.scores.resolution_validity);
        count(figures.resolution, found == value.to_number<double>());
        if (found != value.to_number<double>() && !call.check)
            ++figures
                  .confusions["resolution score " + evaluation.resolution.status + " instead of " +
                              std::to_string(value.to_number<double>()).substr(0, 4)];
        if (found != value.to_number<double>())
            note(call,
                 "resolution score",
                 evaluation.resolution.status + " \"" + evaluation.resolution.quote + "\"",
                 std::to_string(value.to_number<double>()));
    }
    if (const auto& value = call.expected.at("sentiment_stabilization_score"); value.is_number())
        count(figures.stabilization,
              quantised_sentiment(evaluation.scores.sentiment_stabilization) ==
                  value.to_number<double>());
}

void print(const char* name, const Figures& figures) {
    std::printf("%-10s sop %.4f (%d/%d of %d, coverage %.3f)  escalation F1 %.3f (+%d -%d)  "
                "resolution %.3f  direction %.3f  stabilization %.3f  hindi %.3f\n",
                name,
                figures.sop.agreement(),
                figures.sop.right,
                figures.sop.answered,
                figures.sop.all,
                figures.sop.coverage(),
                figures.f1(),
                figures.false_alarms,
                figures.misses,
                figures.resolution.agreement(),
                figures.direction.agreement(),
                figures.stabilization.agreement(),
                figures.hindi.agreement());
    for (const auto& [question, tally] : figures.questions)
        std::printf("             %-15s %.3f (%d/%d)\n",
                    question.c_str(),
                    tally.agreement(),
                    tally.right,
                    tally.all);
    for (const auto& [what, calls] : figures.confusions)
        std::printf("             %d x %s\n", calls, what.c_str());
}

class Agreement : public testing::Test {
protected:
    static const Judge& judge() {
        static const auto loaded =
            Judge::load(source_dir + "/scorecards", "battery-swap-support", 1);
        if (!loaded) {
            std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
            std::abort();
        }
        return *loaded;
    }

    static Figures figures(const std::string& file, bool halves, bool check) {
        Figures out;
        for (const auto& call : read_calls(file, halves)) {
            if (call.check == check) add_call(judge(), call, out);
        }
        return out;
    }
};

TEST_F(Agreement, RecordedCalls) {
    const auto found = figures("corpus/manifest.json", false, false);
    print("recorded", found);
    EXPECT_GE(found.sop.agreement(), 0.97);
    EXPECT_GE(found.sop.coverage(), 0.95);
    EXPECT_GE(found.f1(), 0.95);
    EXPECT_GE(found.resolution.agreement(), 0.90);
    EXPECT_GE(found.direction.agreement(), 0.85);
    EXPECT_GE(found.hindi.agreement(), 0.95);
}

TEST_F(Agreement, DevelopmentHalf) {
    const auto found = figures("corpus/transcripts.json", true, false);
    print("dev", found);
    EXPECT_GE(found.sop.agreement(), 0.93);
}

TEST_F(Agreement, CheckingHalf) {
    const auto found = figures("corpus/transcripts.json", true, true);
    print("check", found);
    EXPECT_GE(found.sop.agreement(), 0.96);
    // Not yet at the wished 0.90 and 0.85: never worse than the last accepted figures.
    EXPECT_GE(found.f1(), 0.89);
    EXPECT_GE(found.resolution.agreement(), 0.82);
    EXPECT_GE(found.direction.agreement(), 0.84); // aim 0.80; words heard by sound no longer count
    EXPECT_GE(found.hindi.agreement(), 0.96);
}

// Written for the project: the half that was looked into, and the one that was not.
TEST_F(Agreement, FreshCalls) {
    const auto learned = figures("corpus-fresh/transcripts.json", true, false);
    print("fresh dev", learned);
    EXPECT_GE(learned.sop.agreement(), 0.97);
    EXPECT_GE(learned.f1(), 0.95);
    const auto found = figures("corpus-fresh/transcripts.json", true, true);
    print("fresh check", found);
    EXPECT_GE(found.sop.agreement(), 0.95);
    EXPECT_GE(found.f1(), 0.91); // the price of hearing threats in other words: two false alarms
    EXPECT_GE(found.resolution.agreement(), 0.91);
    EXPECT_GE(found.direction.agreement(), 0.81);
    EXPECT_GE(found.hindi.agreement(), 0.96);
}

// By authors who had not seen the rules; the calls name their split themselves.
TEST_F(Agreement, IndependentCalls) {
    const auto learned = figures("corpus-independent/transcripts.json", true, false);
    print("independent dev", learned);
    EXPECT_GE(learned.sop.agreement(), 0.96);
    EXPECT_GE(learned.resolution.agreement(), 0.86);
    const auto found = figures("corpus-independent/transcripts.json", true, true);
    print("independent check", found);
    EXPECT_EQ(found.direction.all, 102);
    // Below the wished 0.93, 0.90, 0.85 and 0.80: 42 harder calls joined the first 60. Never worse
    // than the figures accepted with them.
    EXPECT_GE(found.sop.agreement(), 0.928);
    EXPECT_GE(found.f1(), 0.80);
    EXPECT_GE(found.resolution.agreement(), 0.80);
    EXPECT_GE(found.direction.agreement(), 0.68);
    EXPECT_GE(found.hindi.agreement(), 0.92);
}

} // namespace
} // namespace hs::analysis
