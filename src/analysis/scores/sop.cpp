#include "analysis/scores/sop.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace hs::analysis {

namespace {

struct Tally {
    double earned = 0;
    double possible = 0;
    bool auto_failed = false;

    [[nodiscard]] double score() const {
        if (auto_failed) return 0;
        return possible > 0 ? earned / possible : 0;
    }
};

struct Found {
    const Section* section = nullptr;
    const Question* question = nullptr;
    const Answer* answer = nullptr;
};

std::vector<Found> counted_items(const Scorecard& card, const std::vector<Answer>& answers) {
    std::vector<Found> items;
    for (const auto& section : card.sections) {
        for (const auto& question : section.questions) {
            if (!section.scored || question.type == QuestionType::text) continue;
            const auto answer =
                std::find_if(answers.begin(), answers.end(), [&](const Answer& candidate) {
                    return candidate.question_id == question.id;
                });
            if (answer != answers.end()) items.push_back({&section, &question, &*answer});
        }
    }
    return items;
}

bool is_bonus(const Found& item) {
    return item.question->points && item.question->points->bonus;
}

bool counts(const Found& item) {
    return item.answer->state == AnswerState::pass || item.answer->state == AnswerState::fail;
}

double item_score(const Found& item) {
    if (item.answer->score) return std::clamp(*item.answer->score, 0.0, 1.0);
    return item.answer->state == AnswerState::pass ? 1.0 : 0.0;
}

/// What the item weighs inside its tally in this mode.
double item_weight(const Found& item, ScoringMode mode) {
    switch (mode) {
    case ScoringMode::sections: return 1.0;
    case ScoringMode::points: return item.question->points ? item.question->points->max : 0.0;
    case ScoringMode::weighted:
    case ScoringMode::questions: break;
    }
    return item.answer->weight;
}

bool auto_failed(const Found& item) {
    if (item.answer->state != AnswerState::fail) return false;
    if (item.question->critical) return true;
    return std::any_of(item.question->options.begin(),
                       item.question->options.end(),
                       [&](const AnswerOption& option) {
                           return option.auto_fail && option.id == item.answer->value;
                       });
}

/// An option that fails by itself without a `critical` entry fails the form.
bool fails_form(const Found& item) {
    return auto_failed(item) &&
           (!item.question->critical || item.question->critical->scope == CriticalScope::form);
}

std::vector<SectionScore>
section_scores(const Scorecard& card, const std::vector<Found>& items, Tally& all) {
    std::vector<SectionScore> scores;
    for (const auto& section : card.sections) {
        Tally tally;
        bool counted = false;
        for (const auto& item : items) {
            if (item.section != &section || !counts(item) || is_bonus(item)) continue;
            const double weight = item_weight(item, card.scoring.mode);
            if (weight <= 0) continue;
            counted = true;
            tally.earned += weight * item_score(item);
            tally.possible += weight;
            tally.auto_failed |= auto_failed(item) && !fails_form(item);
        }
        scores.push_back({section.id, tally.score(), counted});
        if (!counted) continue;
        all.earned += tally.auto_failed ? 0 : tally.earned;
        all.possible += tally.possible;
    }
    return scores;
}

double
base_score(const Scorecard& card, const std::vector<SectionScore>& sections, const Tally& all) {
    const auto mode = card.scoring.mode;
    if (mode == ScoringMode::questions || mode == ScoringMode::points) return all.score();
    Tally form;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (!sections[i].counted) continue;
        form.earned += card.sections[i].weight * sections[i].score;
        form.possible += card.sections[i].weight;
    }
    return form.score();
}

double bonus_points(const std::vector<Found>& items) {
    double earned = 0;
    for (const auto& item : items) {
        if (is_bonus(item) && counts(item)) earned += item.question->points->max * item_score(item);
    }
    return std::max(0.0, earned);
}

double coverage_of(const std::vector<Found>& items) {
    double counted = 0;
    double open = 0;
    for (const auto& item : items) {
        if (is_bonus(item)) continue;
        if (counts(item)) counted += item.answer->weight;
        if (item.answer->state == AnswerState::needs_review) open += item.answer->weight;
    }
    return counted + open > 0 ? counted / (counted + open) : 0;
}

} // namespace

FormScore form_score(const Scorecard& card, const std::vector<Answer>& answers) {
    const auto items = counted_items(card, answers);
    FormScore result;
    Tally all;
    result.sections = section_scores(card, items, all);
    result.scored = std::any_of(result.sections.begin(),
                                result.sections.end(),
                                [](const SectionScore& section) { return section.counted; });
    result.coverage = coverage_of(items);
    result.provisional = result.coverage < card.scoring.min_coverage;

    double score = result.scored ? base_score(card, result.sections, all) : 0;
    if (result.scored) score = std::min(1.0, score + bonus_points(items) / 100.0);
    for (const auto& item : items) {
        if (!auto_failed(item)) continue;
        result.critical_failed = true;
        if (!fails_form(item)) continue;
        result.critical_form_failed = true;
        const auto& critical = item.question->critical;
        const bool own_cap = critical && critical->score;
        score = std::min(score, own_cap ? *critical->score : card.scoring.auto_fail_score);
    }
    result.score = round_half_away(std::clamp(score, 0.0, 1.0), 4);
    return result;
}

std::optional<double> option_score(const Question& question,
                                   const std::vector<std::string>& chosen) {
    double sum = 0;
    bool any = false;
    for (const auto& option : question.options) {
        if (std::find(chosen.begin(), chosen.end(), option.id) == chosen.end()) continue;
        sum += option.score;
        any = true;
        if (question.type == QuestionType::single) break;
    }
    if (!any) return std::nullopt;
    return std::clamp(sum / 100.0, 0.0, 1.0);
}

std::optional<double> numeric_score(const Question& question, double value) {
    for (const auto& option : question.options) {
        const bool above = !option.min || value >= *option.min;
        const bool below = !option.max || value <= *option.max;
        if (above && below) return std::clamp(option.score / 100.0, 0.0, 1.0);
    }
    return std::nullopt;
}

} // namespace hs::analysis
