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
constexpr double improving_without_trouble = 0.55;
constexpr double declining_by = -0.08;
constexpr int least_content_words = 2;
// Both sides of an opening and of an ending: what the words alone do not tell.
constexpr double trouble_that_was_regretted = -0.35;
constexpr double request_taken_gladly = 0.0;
constexpr int agent_answers_heard = 3;
constexpr std::size_t last_customer_turns = 3;
constexpr std::size_t opening_customer_turns = 3;
constexpr double unconfirmed = 0.25; // share of an opening that nobody treats as trouble
constexpr double left_alone = 0.25;  // lowers the end of a call that ended without help
constexpr double calm_end = -0.25;
constexpr double grumble = -0.2;           // a turn that is not all smooth
constexpr std::size_t turns_of_a_talk = 3; // a call cut off before tells nothing
constexpr double furious_start = -0.7;     // from here a mere "okay" is an improvement

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
struct Reading {
    std::optional<double> previous; // score of the customer's last turn that weighs
    bool negative_before = false;   // that turn was negative
    bool progress = false;          // the agent did or promised something since the last turn
    bool opened = false;            // the customer has spoken
    int unhelped = 0;               // complaints since the agent last did something

    double next(const TurnMood& mood, double escalation, double weight);
};

double hinted(const std::vector<double>& values, std::size_t turn) {
    return turn < values.size() ? values[turn] : 0.0;
}

bool looks_sarcastic(const TurnMood& mood, const Reading& course) {
    if (!mood.praise || course.progress || mood.weighs_both) return false;
    if (mood.resolved) return false; // names what went well
    return mood.complaint || course.negative_before;
}

/// The corrections that need the turns around, customer turns only.
double corrected(const TurnMood& mood, double escalation, const Reading& course) {
    double score = mood.score;
    if (mood.unresolved && course.opened && score < label_threshold) score -= unresolved_penalty;
    if (mood.score <= -label_threshold) score -= unhelped_step * course.unhelped;
    if (looks_sarcastic(mood, course)) score = -std::abs(score);
    if (escalation >= serious_cue) score = std::min(score, floor_of_serious_cue);
    if (mood.accepts && course.progress && course.previous)
        score = std::max(score, *course.previous + relief_of_commitment);
    return std::clamp(score, -1.0, 1.0);
}

double Reading::next(const TurnMood& mood, double escalation, double weight) {
    if (opened && !progress && mood.score <= -label_threshold)
        unhelped = std::min(unhelped + 1, most_unhelped);
    const double score = corrected(mood, escalation, *this);
    if (weight > 0) {
        previous = score;
        negative_before = score <= -label_threshold;
    }
    progress = false;
    opened = true;
    return score;
}

std::vector<TurnMood> moods_of(const Transcript& transcript,
                               const TokenText& words,
                               const Lexicon::Index& lexicon,
                               const SentimentHints& hints) {
    const ReadText text = read_text(words.tokens, transcript, lexicon);
    std::vector<TurnMood> moods;
    bool opened = false;
    for (std::size_t i = 0; i < transcript.turns.size() && i < words.turn_ranges.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        const auto [from, to] = words.turn_ranges[i];
        const bool customer = turn.role == Role::customer;
        const TurnPlace place{.agent = turn.role == Role::agent,
                              .opening = customer && !opened,
                              .raised_voice = raised(hints, turn)};
        moods.push_back(turn_mood(
            text, static_cast<std::size_t>(from), static_cast<std::size_t>(to), place, lexicon));
        opened = opened || (customer && to > from);
    }
    return moods;
}

/// The opening as the agent took it: nobody is sorry about a plain request, and nobody answers a
/// report of trouble with "sure, gladly". True when the agent is sorry: there is trouble.
bool hear_the_answer(const Transcript& transcript, std::vector<TurnMood>& moods) {
    std::size_t opening = 0;
    while (opening < moods.size() && transcript.turns[opening].role != Role::customer)
        ++opening;
    bool sorry = false;
    bool willing = false;
    int answers = 0;
    for (std::size_t i = opening + 1; i < moods.size() && answers < agent_answers_heard; ++i) {
        if (transcript.turns[i].role != Role::agent) continue;
        sorry = sorry || moods[i].empathy;
        willing = willing || (answers == 0 && moods[i].willing);
        ++answers;
    }
    if (opening >= moods.size()) return false;
    double& score = moods[opening].score;
    bool negative_later = false;
    int later = 0;
    for (std::size_t i = opening + 1; i < moods.size(); ++i) {
        if (transcript.turns[i].role != Role::customer) continue;
        negative_later = negative_later || moods[i].score <= -label_threshold;
        ++later;
    }
    if (!sorry && !negative_later && later > 2 && score < 0) score *= unconfirmed;
    if (sorry) score = std::min(score, trouble_that_was_regretted);
    if (willing && !sorry && moods[opening].escalation < serious_cue)
        score = std::max(score, request_taken_gladly);
    return sorry;
}

/// How the call ends, read from both sides.
struct Ending {
    bool pleased = false; // thanks, praise, relief or success in the last turns of the customer
    bool helped = true;   // the agent did something after the last complaint
    int turns = 0;        // of the customer
    bool trouble = true;  // the agent heard trouble, not a plain request
};

Ending ending_of(const Transcript& transcript,
                 const std::vector<TurnMood>& moods,
                 const std::vector<bool>& progress) {
    Ending ending;
    std::vector<std::size_t> customer;
    for (std::size_t i = 0; i < moods.size(); ++i)
        if (transcript.turns[i].role == Role::customer) customer.push_back(i);
    ending.turns = static_cast<int>(customer.size());
    const std::size_t last = std::min<std::size_t>(customer.size(), last_customer_turns);
    for (std::size_t i = customer.size() - last; i < customer.size(); ++i) {
        const TurnMood& mood = moods[customer[i]];
        if (mood.score > 0 && (mood.resolved || mood.praise)) ending.pleased = true;
        if (mood.score <= -label_threshold) ending.pleased = false; // what is said last stands
    }
    for (std::size_t i = 0; i < moods.size(); ++i) {
        if (transcript.turns[i].role == Role::customer && moods[i].score <= -label_threshold)
            ending.helped = false;
        if (progress[i]) ending.helped = true;
    }
    return ending;
}

std::vector<bool> progress_of(const Transcript& transcript,
                              const std::vector<TurnMood>& moods,
                              const SentimentHints& hints) {
    std::vector<bool> progress(moods.size(), false);
    for (std::size_t i = 0; i < moods.size(); ++i) {
        if (transcript.turns[i].role != Role::agent) continue;
        progress[i] = hints.agent_progress.empty()
                          ? moods[i].progress && !moods[i].refusal
                          : i < hints.agent_progress.size() && hints.agent_progress[i];
    }
    return progress;
}

/// A friendly end is no decline, however warm the greeting was.
const char* direction_of(double end, double change) {
    if (change >= improving_by) return "improving";
    return change <= declining_by && end < label_threshold ? "declining" : "steady";
}

double stabilization_of(double end, double change) {
    if (end >= label_threshold) return 0.75 + 0.25 * std::min(1.0, (end - 0.25) / 0.5);
    if (change <= declining_by && end < 0) return 0.24 * std::max(0.0, 1 + end);
    return 0.25 + 0.49 * std::clamp((change + 0.08) / 0.68, 0.0, 1.0);
}

void weigh_ending(const Ending& ending, SentimentResult& result) {
    if (!result.scored) return;
    if (ending.pleased) {
        // Contentment after a plain request is what one expects, not a change.
        const double change = result.end - result.start;
        if (!ending.trouble && change >= improving_by && change < improving_without_trouble)
            result.direction = "steady";
        return;
    }
    const bool left = !ending.helped && ending.turns >= 3;
    if (left) result.end = std::max(-1.0, result.end - left_alone);
    double change = result.end - result.start;
    // Without a word of thanks or relief only fury can have become calm.
    const bool calmed = result.start <= furious_start && result.end >= calm_end && ending.helped;
    if (change >= improving_by && !calmed) change = improving_by - 0.01;
    result.direction = direction_of(result.end, change);
    result.stabilization_raw = stabilization_of(result.end, change);
}

/// What the whole call amounts to.
enum class Course { as_read, declined, unmoved, content, eased, improved };

/// Trouble that met no help, or help the caller did not believe.
Course course_of_trouble(const SentimentFacts& facts) {
    const Farewell& farewell = facts.farewell;
    if (!facts.solved) {
        // Nobody thanks for nothing: what helped was said in words no rule knows.
        if (farewell.heartfelt) return farewell.wary ? Course::eased : Course::improved;
        return facts.fooled ? Course::unmoved : Course::declined;
    }
    if (!facts.promised) return Course::improved;
    if (farewell.content && !farewell.wary) return Course::improved;
    // Whoever threatened or shouted and now takes a promise has become calmer.
    const bool calmed = facts.fought && (farewell.content || farewell.accepts || !farewell.wary);
    return calmed ? Course::eased : Course::unmoved;
}

Course course_of(const SentimentFacts& facts, const SentimentResult& result) {
    const Farewell& farewell = facts.farewell;
    const bool short_call = result.trajectory.size() < turns_of_a_talk;
    if (farewell.bitter && !short_call) return Course::declined;
    if (!facts.solved && (short_call || farewell.cut_off)) return Course::unmoved;
    if (facts.open_trouble) return course_of_trouble(facts);
    if (!facts.solved && !farewell.heartfelt) return Course::unmoved;
    const bool smooth =
        std::none_of(result.trajectory.begin(), result.trajectory.end(), [](const auto& point) {
            return 2 * point.score - 1 <= grumble;
        });
    return facts.solved && smooth ? Course::content : Course::as_read;
}

/// The ends that make `course` the answer, moved no further than needed.
void move_ends(Course course, SentimentResult& result) {
    constexpr double short_of = 0.01;
    double& start = result.start;
    double& end = result.end;
    switch (course) {
    case Course::as_read: break;
    case Course::declined:
        start = std::max(start, -1.0 - declining_by + short_of); // from the worst nothing declines
        end = std::min({end, start + declining_by - short_of, declining_by});
        break;
    case Course::unmoved:
        end = std::clamp(end, start + declining_by + short_of, start + improving_by - short_of);
        end = std::min(end, label_threshold - short_of);
        start = std::clamp(start, end - improving_by + short_of, end - declining_by - short_of);
        break;
    case Course::content:
        if (end >= label_threshold) break; // the words say how content
        start = std::max(start, label_threshold - improving_by + short_of);
        end = label_threshold;
        break;
    case Course::eased:
        start = std::min(start, trouble_that_was_regretted);
        end = std::clamp(end, start + improving_by + short_of, label_threshold - short_of);
        break;
    case Course::improved:
        start = std::min(start, trouble_that_was_regretted);
        end = std::max({end, label_threshold, start + improving_by + short_of});
        break;
    }
}

} // namespace

SentimentResult judge_sentiment(const Transcript& transcript,
                                const TokenText& words,
                                const Lexicon& lexicon,
                                const SentimentHints& hints) {
    std::vector<TurnMood> moods = moods_of(transcript, words, lexicon.index(), hints);
    const bool trouble = hear_the_answer(transcript, moods);
    const std::vector<bool> progress = progress_of(transcript, moods, hints);
    SentimentResult result;
    Reading course;
    std::vector<double> scores;
    std::vector<double> weights;
    for (std::size_t i = 0; i < moods.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        const TurnMood& mood = moods[i];
        double score = mood.score;
        double weight = mood.content_words >= least_content_words ? 1.0 : 0.0;
        if (turn.role == Role::customer) {
            if (course.opened && mood.hits == 0) weight = 0; // plain information
            if (mood.accepts && course.progress) weight = 1;
            const double escalation = hints.escalation_weight.empty()
                                          ? mood.escalation
                                          : hinted(hints.escalation_weight, i);
            score = course.next(mood, escalation, weight);
            scores.push_back(score);
            weights.push_back(weight);
            result.trajectory.push_back({.turn = turn.index,
                                         .score = round_half_away((score + 1) / 2, 2),
                                         .sentiment = label(score)});
        } else if (progress[i]) {
            course.progress = true;
            course.unhelped = 0;
        }
        result.turn_scores.push_back(score);
        result.turn_weights.push_back(weight);
    }
    result.trajectory = thinned(std::move(result.trajectory));
    Ending ending = ending_of(transcript, moods, progress);
    ending.trouble = trouble;
    conclude_direction(scores, weights, result);
    weigh_ending(ending, result);
    return result;
}

void replace_moods(const Transcript& transcript,
                   const std::map<int, double>& moods,
                   SentimentResult& result) {
    std::vector<double> scores;
    std::vector<double> weights;
    result.trajectory.clear();
    for (const auto& turn : transcript.turns) {
        if (turn.role != Role::customer) continue;
        const auto at = static_cast<std::size_t>(turn.index - 1);
        if (const auto mood = moods.find(turn.index); mood != moods.end())
            result.turn_scores[at] = std::clamp(mood->second, -1.0, 1.0);
        const double score = result.turn_scores[at];
        scores.push_back(score);
        weights.push_back(result.turn_weights[at]);
        result.trajectory.push_back({.turn = turn.index,
                                     .score = round_half_away((score + 1) / 2, 2),
                                     .sentiment = label(score)});
    }
    result.trajectory = thinned(std::move(result.trajectory));
    conclude_direction(scores, weights, result);
}

void settle_direction(const SentimentFacts& facts, SentimentResult& result) {
    if (!result.scored) return;
    const Course course = course_of(facts, result);
    const bool as_read =
        course == Course::as_read || (course == Course::content && result.end >= label_threshold);
    double change = result.end - result.start;
    if (!as_read) {
        move_ends(course, result);
        change = result.end - result.start;
    } else if (facts.solved && change <= declining_by) {
        change = declining_by + 0.01;
    } else if (!facts.solved && change >= improving_by) {
        change = improving_by - 0.01;
    } else {
        return;
    }
    result.direction = direction_of(result.end, change);
    result.stabilization_raw = stabilization_of(result.end, change);
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
    std::size_t second = 0; // place of the second one among the customer's turns
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (weights[i] <= 0) continue;
        weighted.push_back(scores[i]);
        if (weighted.size() == 2) second = i;
    }
    result.scored = !scores.empty();
    result.direction = scores.empty() ? "none" : "steady";
    result.stabilization_raw = 0.5;
    if (weighted.empty()) return;
    const std::size_t count = weighted.size();
    result.start = count > 1 && second < opening_customer_turns ? std::min(weighted[0], weighted[1])
                                                                : weighted[0];
    result.end = count > 1 ? (weighted[count - 2] + 2 * weighted[count - 1]) / 3 : weighted[0];
    result.direction = direction_of(result.end, result.end - result.start);
    result.stabilization_raw = stabilization_of(result.end, result.end - result.start);
}

} // namespace hs::analysis
