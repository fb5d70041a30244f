#include "analysis/eval/comparison.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

constexpr double tolerated_loss = 0.01;
constexpr double rounding = 1e-6; // of the figures in a baseline file

std::string level(double value) {
    return fmt::format("{:g}", value);
}

std::string state_of(const Evaluation& evaluation, const std::string& question) {
    for (const auto& answer : evaluation.answers)
        if (answer.question_id == question)
            return answer.state == AnswerState::needs_review ? "" : to_string(answer.state);
    return {};
}

std::string quote_of(const Evaluation& evaluation, const std::string& question) {
    for (const auto& answer : evaluation.answers)
        if (answer.question_id == question && !answer.evidence.empty())
            return answer.evidence.front().quote;
    return {};
}

void count(Line& line) {
    line.counts = count_agreement(line.items, line.positive);
}

void add(Line& line, const Point& point) {
    line.items.push_back({point.call, point.expected, point.got});
}

constexpr std::string_view question_prefix = "question:";

} // namespace

void add_points(const LabelledCall& call,
                const Evaluation& evaluation,
                std::vector<Point>& points) {
    const auto point =
        [&](std::string subject, std::string expected, std::string got, std::string quote = {}) {
            points.push_back({call.id,
                              call.language,
                              call.split,
                              std::move(subject),
                              std::move(expected),
                              std::move(got),
                              std::move(quote)});
        };
    for (const auto& [question, label] : call.sop)
        point(std::string(question_prefix) + question,
              label,
              state_of(evaluation, question),
              quote_of(evaluation, question));
    if (call.escalation) {
        std::string quote;
        if (!evaluation.cues.empty()) quote = evaluation.cues.front().evidence.quote;
        point("escalation",
              *call.escalation ? "yes" : "no",
              escalation_flagged(evaluation.scores) ? "yes" : "no",
              quote);
    }
    const auto& scores = evaluation.scores;
    if (call.direction) point("direction", *call.direction, evaluation.sentiment.direction);
    if (call.stabilisation && scores.sentiment_scored)
        point("stabilisation_score",
              level(*call.stabilisation),
              level(quantised_sentiment(scores.sentiment_stabilization)));
    if (call.resolution)
        point("resolution_score",
              level(*call.resolution),
              level(quantised_resolution(scores.resolution_validity)),
              evaluation.resolution.quote);
}

Table table_of(const std::vector<Point>& points) {
    Table table;
    table.sop = {"all questions", "fail", {}, {}};
    table.escalation = {"escalation", "yes", {}, {}};
    table.direction = {"direction", "", {}, {}};
    table.stabilisation = {"stabilisation_score", "", {}, {}};
    table.resolution = {"resolution_score", "", {}, {}};
    std::map<std::string, Line> questions;
    for (const auto& point : points) {
        if (point.subject.starts_with(question_prefix)) {
            auto& line = questions[point.subject.substr(question_prefix.size())];
            add(line, point);
            add(table.sop, point);
            add(table.sop_by_language[point.language], point);
        }
        for (auto* line :
             {&table.escalation, &table.direction, &table.stabilisation, &table.resolution})
            if (line->name == point.subject) add(*line, point);
    }
    for (auto& [name, line] : questions) {
        line.name = name;
        line.positive = "fail";
        count(line);
        table.questions.push_back(std::move(line));
    }
    for (auto& [language, line] : table.sop_by_language) {
        line.name = "all questions " + language;
        line.positive = "fail";
        count(line);
    }
    for (auto* line :
         {&table.sop, &table.escalation, &table.direction, &table.stabilisation, &table.resolution})
        count(*line);
    return table;
}

std::map<std::string, double> measures_of(const Table& table) {
    std::map<std::string, double> measures;
    const auto put = [&](const std::string& name, const std::optional<double>& value) {
        if (value) measures[name] = *value;
    };
    put("sop.agreement", table.sop.counts.agreement());
    measures["sop.coverage"] = table.sop.counts.coverage();
    if (table.sop.counts.labelled > 0)
        measures["sop.false_fails"] =
            static_cast<double>(table.sop.counts.false_alarms) / table.sop.counts.labelled;
    for (const auto& [language, line] : table.sop_by_language)
        put("sop.agreement." + language, line.counts.agreement());
    for (const auto& line : table.questions)
        put("question." + line.name + ".agreement", line.counts.agreement());
    put("escalation.f1", table.escalation.counts.f1());
    put("escalation.precision", table.escalation.counts.precision());
    put("escalation.recall", table.escalation.counts.recall());
    put("direction.agreement", table.direction.counts.agreement());
    put("stabilisation.agreement", table.stabilisation.counts.agreement());
    put("resolution.agreement", table.resolution.counts.agreement());
    return measures;
}

std::vector<Gate> gates_for(bool recognised) {
    if (recognised)
        return {{"sop.agreement", 0.85},
                {"sop.coverage", 0.50},
                {"sop.false_fails", 0.05, true},
                {"escalation.precision", 0.80},
                {"escalation.recall", 0.50},
                {"direction.agreement", 0.55},
                {"resolution.agreement", 0.60}};
    return {{"sop.agreement", 0.97},
            {"sop.coverage", 0.95},
            {"sop.agreement.hi", 0.95},
            {"sop.agreement.hi-Latn", 0.95},
            {"escalation.f1", 0.95},
            {"direction.agreement", 0.85},
            {"resolution.agreement", 0.90}};
}

std::vector<std::string> missed_gates(const std::map<std::string, double>& measures,
                                      const std::vector<Gate>& gates,
                                      const std::map<std::string, double>& baseline) {
    std::vector<std::string> missed;
    for (const auto& gate : gates) {
        const auto found = measures.find(gate.measure);
        if (found == measures.end()) continue; // nothing of the kind is labelled
        auto bound = gate.least;
        if (const auto before = baseline.find(gate.measure); before != baseline.end())
            bound =
                gate.at_most ? std::max(bound, before->second) : std::min(bound, before->second);
        const bool met =
            gate.at_most ? found->second <= bound + rounding : found->second >= bound - rounding;
        if (!met)
            missed.push_back(fmt::format("{} is {:.3f}, the gate is {} {:.3f}",
                                         gate.measure,
                                         found->second,
                                         gate.at_most ? "at most" : "at least",
                                         bound));
    }
    return missed;
}

std::vector<std::string> regressions(const std::vector<Point>& before,
                                     const std::vector<Point>& now) {
    std::map<std::pair<std::string, std::string>, int> earlier; // right, of the answered
    for (const auto& point : before)
        if (!point.got.empty())
            earlier[{point.subject, point.call}] = point.got == point.expected ? 1 : 0;
    std::map<std::string, std::vector<std::pair<int, int>>> pairs;
    for (const auto& point : now) {
        const auto found = earlier.find({point.subject, point.call});
        if (found == earlier.end() || point.got.empty()) continue;
        const std::pair pair(found->second, point.got == point.expected ? 1 : 0);
        pairs[point.subject].push_back(pair);
        if (point.subject.starts_with(question_prefix)) pairs["all questions"].push_back(pair);
    }
    std::vector<std::string> found;
    for (const auto& [subject, series] : pairs) {
        int difference = 0;
        for (const auto& [old_right, new_right] : series)
            difference += new_right - old_right;
        const double loss = -static_cast<double>(difference) / static_cast<double>(series.size());
        const auto interval = paired_difference(series);
        if (loss > tolerated_loss && interval.second < 0)
            found.push_back(fmt::format("{} agrees in {:.1f} points fewer of {} calls",
                                        subject,
                                        loss * 100,
                                        series.size()));
    }
    return found;
}

} // namespace hs::analysis
