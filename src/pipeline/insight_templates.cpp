// The writer that needs no model: sentences with the figures filled in.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "pipeline/insights.hpp"

namespace hs::pipeline {

namespace {

constexpr std::size_t quoted_words = 25;
constexpr std::size_t listed = 3;
constexpr std::int64_t repeated = 2; // calls, from which a deviation counts as repeated

std::string calls_text(std::int64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "call" : "calls");
}

/// 7832 basis points as shown: "0.78".
int hundredths(int basis_points) {
    return (basis_points + 50) / 100;
}

std::string score(int basis_points) {
    return fmt::format("{}.{:02}", hundredths(basis_points) / 100, hundredths(basis_points) % 100);
}

/// Difference of the shown values, so that the three numbers of a sentence add up.
std::string difference(int now, int before) {
    const int by = hundredths(now) - hundredths(before);
    if (by == 0) return "unchanged";
    return fmt::format("{}0.{:02}", by < 0 ? '-' : '+', std::abs(by));
}

int percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : static_cast<int>((200 * part + whole) / (2 * whole));
}

std::string spoken(std::string_view code) {
    std::string text(code);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

std::string sentence(std::string_view text) {
    auto short_text = limited_words(text, quoted_words);
    if (!short_text.empty() && !ends_sentence(short_text)) short_text += '.';
    return short_text;
}

void append(std::string& text, const std::string& more) {
    if (more.empty()) return;
    if (!text.empty()) text += ' ';
    text += more;
}

struct Counted {
    std::string name;
    std::int64_t calls = 0;
};

/// Most frequent first, then by name; a call counts once however often it deviates.
std::vector<Counted> deviations_of(const std::vector<JudgedCall>& calls) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& call : calls) {
        std::set<std::string> seen;
        for (const auto& deviation : call.deviations) {
            if (!deviation.code.empty() && seen.insert(deviation.code).second) {
                ++counts[deviation.code];
            }
        }
    }
    std::vector<Counted> out;
    for (const auto& [name, calls_with] : counts)
        out.push_back({name, calls_with});
    std::ranges::stable_sort(out, std::ranges::greater{}, &Counted::calls);
    return out;
}

std::vector<Counted> repeated_deviations(const std::vector<JudgedCall>& calls) {
    auto all = deviations_of(calls);
    std::erase_if(all, [](const Counted& one) { return one.calls < repeated; });
    return all;
}

std::string list_of(const std::vector<Counted>& items) {
    std::string text;
    for (std::size_t i = 0; i < std::min(items.size(), listed); ++i) {
        text += fmt::format(
            "{}{} in {}", i == 0 ? "" : ", ", spoken(items[i].name), calls_text(items[i].calls));
    }
    return text;
}

std::string list_of(const std::vector<IssueCount>& issues) {
    std::string text;
    for (std::size_t i = 0; i < std::min(issues.size(), listed); ++i)
        text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", issues[i].issue, issues[i].calls);
    return text;
}

/// Questions passed in at least nine of ten calls that asked them, in at least half of all calls.
std::string strong_points(const std::vector<JudgedCall>& calls) {
    struct Tally {
        std::int64_t passed = 0;
        std::int64_t asked = 0;
    };

    std::map<std::string, Tally> tallies;
    for (const auto& call : calls) {
        for (const auto& answer : call.answers) {
            auto& tally = tallies[answer.title];
            ++tally.asked;
            tally.passed += answer.passed ? 1 : 0;
        }
    }
    std::vector<Counted> strong;
    for (const auto& [title, tally] : tallies) {
        const bool often = tally.asked * 2 >= static_cast<std::int64_t>(calls.size());
        if (often && tally.passed * 10 >= tally.asked * 9) strong.push_back({title, tally.passed});
    }
    std::ranges::stable_sort(strong, std::ranges::greater{}, &Counted::calls);
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(strong.size(), 2); ++i)
        text += (i == 0 ? "" : ", ") + strong[i].name;
    return text;
}

/// The name counted most, from two calls on; the first of equals.
std::string most_repeated(const std::map<std::string, std::int64_t>& counts) {
    std::string name;
    std::int64_t most = repeated - 1;
    for (const auto& [one, calls_with] : counts) {
        if (calls_with <= most) continue;
        name = one;
        most = calls_with;
    }
    return name;
}

/// What to say instead of the most frequent deviation: the scorecard's advice, known by its
/// standing in several calls. What stands in one only may be about that call (imports).
std::string better_words(const std::vector<JudgedCall>& calls) {
    const auto found = repeated_deviations(calls);
    if (found.empty()) return "";
    std::map<std::string, std::int64_t> counts;
    for (const auto& call : calls) {
        std::set<std::string> seen;
        for (const auto& deviation : call.deviations) {
            const auto& words = deviation.should_have_said;
            if (deviation.code == found.front().name && !words.empty() && seen.insert(words).second)
                ++counts[words];
        }
    }
    return limited_words(most_repeated(counts), quoted_words);
}

/// The question failed in most calls, from two on.
std::string weak_point(const std::vector<JudgedCall>& calls) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& call : calls) {
        for (const auto& answer : call.answers)
            if (!answer.passed) ++counts[answer.title];
    }
    const auto title = most_repeated(counts);
    if (title.empty()) return "";
    return fmt::format(
        "{}, failed in {}", limited_words(title, quoted_words), calls_text(counts.at(title)));
}

std::string newest_remark(const std::vector<JudgedCall>& calls) {
    for (const auto& call : calls) {
        if (!call.remark.empty()) return call.remark;
    }
    return "";
}

/// "12 calls, quality 0.78 (+0.03)."
std::string headline(const SpanFigures& now, const SpanFigures& before) {
    auto text = calls_text(now.calls);
    if (now.analysed < now.calls) text += fmt::format(", {} analysed", now.analysed);
    if (!now.quality) return text + ", no quality score yet.";
    text += fmt::format(", quality {}", score(*now.quality));
    if (before.quality) text += fmt::format(" ({})", difference(*now.quality, *before.quality));
    return text + ".";
}

std::string flagged_text(const SpanFigures& figures) {
    return figures.escalated == 0 ? "" : fmt::format("Flagged: {}.", calls_text(figures.escalated));
}

std::string agent_month(const AgentPicture& picture) {
    auto text = headline(picture.now, picture.before);
    if (const auto strong = strong_points(picture.calls); !strong.empty()) {
        append(text, "Strong: " + strong + ".");
    }
    const auto found = repeated_deviations(picture.calls);
    if (!found.empty()) append(text, "Repeated: " + list_of(found) + ".");
    append(text, flagged_text(picture.now));
    if (const auto words = better_words(picture.calls); !words.empty()) {
        append(text, "Focus: say “" + words + "”.");
    } else if (const auto weak = weak_point(picture.calls); !weak.empty()) {
        append(text, "Focus: " + weak + ".");
    }
    if (const auto remark = newest_remark(picture.calls); !remark.empty()) {
        append(text, "Supervisor: " + sentence(remark));
    }
    return text;
}

/// Where this month stands among the months on record.
std::string
standing(const SpanFigures& now, const std::string& month, const std::vector<MonthOnRecord>& all) {
    auto text = fmt::format("{}: {} in the last 30 days", name_mark, calls_text(now.calls));
    if (now.quality) text += fmt::format(", quality {}", score(*now.quality));
    text += ".";
    std::vector<MonthOnRecord> scored;
    std::ranges::copy_if(
        all, std::back_inserter(scored), [](const auto& one) { return one.quality.has_value(); });
    if (scored.empty() || !now.quality)
        return text + " No earlier month on record to compare with.";
    const auto& oldest = scored.back();
    append(text,
           fmt::format("{} months on record: quality {} in {}, {} in {} ({}).",
                       scored.size() + 1,
                       score(*oldest.quality),
                       oldest.month,
                       score(*now.quality),
                       month,
                       difference(*now.quality, *oldest.quality)));
    const auto best = std::ranges::max_element(
        scored, [](const auto& a, const auto& b) { return *a.quality < *b.quality; });
    const bool best_now = *now.quality >= *best->quality;
    append(text,
           best_now ? "This is the best month so far."
                    : fmt::format("Best: {} in {}.", score(*best->quality), best->month));
    return text;
}

std::string measure(const char* name, std::optional<int> before, std::optional<int> now) {
    if (!before || !now) return "";
    return fmt::format(
        "{} {} to {} ({})", name, score(*before), score(*now), difference(*now, *before));
}

std::string names_only_in(const std::vector<JudgedCall>& here,
                          const std::vector<JudgedCall>& there) {
    std::set<std::string> known;
    for (const auto& one : deviations_of(there))
        known.insert(one.name);
    std::string text;
    std::size_t count = 0;
    for (const auto& one : repeated_deviations(here)) {
        if (known.contains(one.name) || count == 2) continue;
        text += (count++ == 0 ? "" : ", ") + spoken(one.name);
    }
    return text;
}

std::string agent_change(const AgentPicture& picture) {
    const auto& now = picture.now;
    const auto& before = picture.before;
    if (before.calls == 0) {
        return calls_text(now.calls) + ", none in the 30 days before to compare with.";
    }
    const std::array measures{measure("quality", before.quality, now.quality),
                              measure("process", before.sop, now.sop),
                              measure("sentiment", before.sentiment, now.sentiment)};
    std::string text;
    for (const auto& one : measures) {
        if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
    }
    text = text.empty() ? "" : capital(text) + ".";
    append(text, fmt::format("Calls {} to {}.", before.calls, now.calls));
    if (before.analysed > 0 && now.analysed > 0) {
        append(text,
               fmt::format("Flagged {}% to {}%.",
                           percent(before.escalated, before.analysed),
                           percent(now.escalated, now.analysed)));
    }
    if (const auto fresh = names_only_in(picture.calls, picture.earlier_calls); !fresh.empty()) {
        append(text, "New: " + fresh + ".");
    }
    if (const auto gone = names_only_in(picture.earlier_calls, picture.calls); !gone.empty()) {
        append(text, "Gone: " + gone + ".");
    }
    return text;
}

std::string city_day(const CityPicture& picture) {
    const auto& today = picture.today;
    if (today.calls == 0) return fmt::format("{}: no calls today so far.", name_mark);
    auto text = fmt::format("{}: {} today", name_mark, calls_text(today.calls));
    if (today.escalated > 0) text += fmt::format(", {} flagged", today.escalated);
    if (today.emergencies > 0) {
        text += fmt::format(
            ", {} {}", today.emergencies, today.emergencies == 1 ? "emergency" : "emergencies");
    }
    text += ".";
    if (const auto issues = list_of(picture.issues_today); !issues.empty()) {
        append(text, "Leading: " + issues + ".");
    }
    const auto found = repeated_deviations(picture.calls_today);
    if (!found.empty()) append(text, "Repeated: " + list_of(found) + ".");
    return text;
}

std::string city_month(const CityPicture& picture) {
    auto text = headline(picture.now, picture.before);
    if (picture.before.calls > 0) {
        append(text, fmt::format("Before: {}.", calls_text(picture.before.calls)));
    }
    if (const auto issues = list_of(picture.issues); !issues.empty()) {
        append(text, "Leading: " + issues + ".");
    }
    const auto found = repeated_deviations(picture.calls);
    if (!found.empty()) append(text, "Repeated: " + list_of(found) + ".");
    append(text, flagged_text(picture.now));
    return text;
}

std::string city_focus(const std::vector<JudgedCall>& calls) {
    const auto found = repeated_deviations(calls);
    if (found.empty()) return "No deviation was repeated in the last 30 days.";
    std::set<AgentId> agents;
    for (const auto& call : calls) {
        const bool has = std::ranges::any_of(call.deviations, [&](const auto& deviation) {
            return deviation.code == found.front().name;
        });
        if (has && call.agent) agents.insert(*call.agent);
    }
    auto text = capital(list_of(found)) + ".";
    if (agents.size() > 1) {
        append(text,
               fmt::format(
                   "{} came from {} agents.", capital(spoken(found.front().name)), agents.size()));
    }
    if (const auto words = better_words(calls); !words.empty()) {
        append(text, "Practise: “" + words + "”.");
    }
    return text;
}

std::vector<std::string> risks_of(const std::vector<JudgedCall>& calls) {
    std::vector<std::string> out;
    for (const auto& one : repeated_deviations(calls)) {
        if (out.size() == risks_kept) break;
        out.push_back(fmt::format(
            "{} in {} of {} calls", capital(spoken(one.name)), one.calls, calls.size()));
    }
    return out;
}

class TemplateWriter final : public InsightWriter {
public:
    [[nodiscard]] Result<AgentTexts> write(const AgentPicture& picture) const override {
        return AgentTexts{.month = limited_words(agent_month(picture), long_text_words),
                          .overall =
                              limited_words(standing(picture.now, picture.month, picture.record),
                                            long_text_words),
                          .change = limited_words(agent_change(picture), change_words)};
    }

    [[nodiscard]] Result<CityTexts> write(const CityPicture& picture) const override {
        CityTexts texts;
        texts.daily = limited_words(city_day(picture), long_text_words);
        texts.month = limited_words(city_month(picture), long_text_words);
        texts.overall =
            limited_words(standing(picture.now, picture.month, picture.record), long_text_words);
        if (picture.focus_wanted) {
            texts.focus = limited_words(city_focus(picture.calls), long_text_words);
        }
        texts.risks = risks_of(picture.calls);
        return texts;
    }

    [[nodiscard]] std::string_view source() const override { return "template"; }
};

} // namespace

const InsightWriter& template_writer() {
    static const TemplateWriter writer;
    return writer;
}

} // namespace hs::pipeline
