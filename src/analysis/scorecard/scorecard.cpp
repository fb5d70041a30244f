#include "analysis/scorecard/scorecard.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

bool allows(const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& name) {
               return name_key(name) == name_key(value);
           });
}

int specificity(const Selector& selector) {
    return static_cast<int>(!selector.issue_category.empty()) +
           static_cast<int>(!selector.language.empty()) +
           static_cast<int>(!selector.call_context.empty());
}

} // namespace

std::string in_language(const LocalText& text, const std::string& language) {
    if (const auto exact = text.find(language); exact != text.end()) return exact->second;
    if (const auto english = text.find("en"); english != text.end()) return english->second;
    return text.empty() ? std::string() : text.begin()->second;
}

const Question* Scorecard::question(std::string_view id) const {
    for (const auto& section : sections) {
        for (const auto& question : section.questions) {
            if (question.id == id) return &question;
        }
    }
    return nullptr;
}

const Section* Scorecard::section_of(std::string_view question_id) const {
    for (const auto& section : sections) {
        for (const auto& question : section.questions) {
            if (question.id == question_id) return &section;
        }
    }
    return nullptr;
}

const Scorecard* select_scorecard(const std::vector<const Scorecard*>& active,
                                  const SelectionFacts& facts) {
    const Scorecard* best = nullptr;
    for (const auto* card : active) {
        if (!allows(card->selector.issue_category, facts.issue_category) ||
            !allows(card->selector.language, facts.language) ||
            !allows(card->selector.call_context, facts.call_context))
            continue;
        if (best == nullptr || specificity(card->selector) > specificity(best->selector) ||
            (specificity(card->selector) == specificity(best->selector) &&
             card->version > best->version))
            best = card;
    }
    return best;
}

} // namespace hs::analysis
