#include "analysis/sentiment.hpp"

#include <algorithm>
#include <optional>

#include "analysis/sentiment/turn_mood.hpp"
#include "analysis/text/tokens.hpp"
#include "base/json.hpp"

namespace hs::analysis {
namespace {

// Section 4 of the specification.
constexpr double unresolved_penalty = 0.35;
constexpr double unhelped_step = 0.10; // a complaint that again met no help
constexpr int most_unhelped = 4;
constexpr double serious_cue = 0.60;
constexpr double floor_of_serious_cue = -0.6;
constexpr double relief_of_commitment = 0.2;
constexpr double label_threshold = 0.25;
constexpr double improving_by = 0.45;
constexpr double declining_by = -0.08;
constexpr int least_content_words = 2;

const char* label(double score) {
    if (score >= label_threshold) return "positive";
    return score <= -label_threshold ? "negative" : "neutral";
}

bool raised(const SentimentHints& hints, const Turn& turn) {
    return std::any_of(
        hints.raised_voice.begin(), hints.raised_voice.end(), [&](const Event& event) {
            return event.start_ms < turn.end_ms && event.end_ms > turn.start_ms &&
                   (!event.by || *event.by == turn.role);
        });
}

/// What is known so far while the customer's turns are read in order.
struct Course {
    std::optional<double> previous; // score of the customer's last turn that weighs
    bool negative_before = false;   // since the agent's last progress
    bool progress = false;          // the agent did or promised something since the last turn
    bool opened = false;            // the customer has spoken
    int unhelped = 0;               // complaints since the agent last did something
};

double hinted(const std::vector<double>& values, std::size_t turn) {
    return turn < values.size() ? values[turn] : 0.0;
}

bool looks_sarcastic(const TurnMood& mood, const Course& course) {
    if (!mood.praise || course.progress) return false;
    if (mood.resolved) return false; // names what went well
    return mood.complaint || course.negative_before;
}

/// The corrections that need the turns around, customer turns only.
double corrected(const TurnMood& mood, double escalation, const Course& course) {
    double score = mood.score;
    if (mood.unresolved && course.opened && score < label_threshold) score -= unresolved_penalty;
    if (mood.score <= -label_threshold) score -= unhelped_step * course.unhelped;
    if (looks_sarcastic(mood, course)) score = -std::abs(score);
    if (escalation >= serious_cue) score = std::min(score, floor_of_serious_cue);
    if (mood.accepts && course.progress && course.previous)
        score = std::max(score, *course.previous + relief_of_commitment);
    return std::clamp(score, -1.0, 1.0);
}

} // namespace

SentimentResult judge_sentiment(const Transcript& transcript,
                                const TokenText& words,
                                const Lexicon& lexicon,
                                const SentimentHints& hints) {
    const Lexicon::Index& index = lexicon.index();
    const ReadText text = read_text(words.tokens, index);
    SentimentResult result;
    Course course;
    std::vector<double> scores;
    std::vector<double> weights;
    for (std::size_t i = 0; i < transcript.turns.size() && i < words.turn_ranges.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        const auto [from, to] = words.turn_ranges[i];
        const bool agent = turn.role == Role::agent;
        const TurnPlace place{.agent = agent,
                              .opening = turn.role == Role::customer && !course.opened,
                              .raised_voice = raised(hints, turn)};
        const TurnMood mood = turn_mood(
            text, static_cast<std::size_t>(from), static_cast<std::size_t>(to), place, index);
        double score = mood.score;
        double weight =
            mood.content_words >= least_content_words && (mood.hits > 0 || place.opening) ? 1.0
                                                                                          : 0.0;
        if (turn.role == Role::customer) {
            if (course.opened && !course.progress && mood.score <= -label_threshold)
                course.unhelped = std::min(course.unhelped + 1, most_unhelped);
            const bool hints_cues = !hints.escalation_weight.empty();
            score = corrected(
                mood, hints_cues ? hinted(hints.escalation_weight, i) : mood.escalation, course);
            if (mood.accepts && course.progress) weight = 1.0;
            scores.push_back(score);
            weights.push_back(weight);
            result.trajectory.push_back({.turn = turn.index,
                                         .score = round_half_away((score + 1) / 2, 2),
                                         .sentiment = label(score)});
            if (weight > 0) {
                course.previous = score;
                course.negative_before = score <= -label_threshold;
            }
            course.progress = false;
            course.opened = course.opened || to > from;
        } else if (agent) {
            const bool done = hints.agent_progress.empty()
                                  ? mood.progress && !mood.refusal
                                  : i < hints.agent_progress.size() && hints.agent_progress[i];
            course.progress = course.progress || done;
            if (done) course.unhelped = 0;
        }
        result.turn_scores.push_back(score);
        result.turn_weights.push_back(weight);
    }
    result.trajectory = thinned(std::move(result.trajectory));
    conclude_direction(scores, weights, result);
    return result;
}

std::vector<SentimentPoint> thinned(std::vector<SentimentPoint> points, std::size_t limit) {
    if (points.size() <= limit || limit < 2) return points;
    // One bucket a kept point; of each bucket the lowest stays, so no low is lost.
    std::vector<SentimentPoint> kept{points.front()};
    const std::size_t inner = points.size() - 2;
    const std::size_t buckets = limit - 2;
    for (std::size_t i = 0; i < buckets; ++i) {
        const auto begin = points.begin() + 1 + static_cast<std::ptrdiff_t>(i * inner / buckets);
        const auto end =
            points.begin() + 1 + static_cast<std::ptrdiff_t>((i + 1) * inner / buckets);
        if (begin == end) continue;
        kept.push_back(*std::min_element(
            begin, end, [](const auto& a, const auto& b) { return a.score < b.score; }));
    }
    kept.push_back(points.back());
    return kept;
}

void conclude_direction(std::span<const double> scores,
                        std::span<const double> weights,
                        SentimentResult& result) {
    std::vector<double> weighted;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (weights[i] > 0) weighted.push_back(scores[i]);
    result.scored = !scores.empty();
    result.direction = "none";
    result.stabilization_raw = 0.5;
    if (weighted.empty()) return;
    const std::size_t count = weighted.size();
    result.start = count > 1 ? std::min(weighted[0], weighted[1]) : weighted[0];
    result.end = count > 1 ? (weighted[count - 2] + 2 * weighted[count - 1]) / 3 : weighted[0];
    const double change = result.end - result.start;
    result.direction = change >= improving_by   ? "improving"
                       : change <= declining_by ? "declining"
                                                : "steady";
    if (result.end >= label_threshold)
        result.stabilization_raw = 0.75 + 0.25 * std::min(1.0, (result.end - 0.25) / 0.5);
    else if (change <= declining_by && result.end < 0)
        result.stabilization_raw = 0.24 * std::max(0.0, 1 + result.end);
    else
        result.stabilization_raw = 0.25 + 0.49 * std::clamp((change + 0.08) / 0.68, 0.0, 1.0);
}

} // namespace hs::analysis
