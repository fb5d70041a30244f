/// What a text about an agent or a city is made of, and the texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace hs {

/// Effective scores (overrides before evaluations) of a stretch of time: means in basis points.
struct SpanFigures {
    std::int64_t calls = 0;
    std::int64_t analysed = 0;
    std::int64_t escalated = 0;
    std::int64_t emergencies = 0;
    std::optional<int> quality{}; // unset: no call has the score
    std::optional<int> sop{};
    std::optional<int> sentiment{};
};

struct IssueCount {
    std::string issue;
    std::int64_t calls = 0;
};

/// One analysed call. Of its own words nothing: texts outlive the calls they are made of.
struct JudgedCall {
    struct Deviation {
        std::string code; // snake_case
        std::string should_have_said{};
    };

    struct Answer {
        std::string title;
        bool passed = false;
    };

    std::optional<AgentId> agent{};
    std::string remark{}; // newest one of a supervisor
    std::vector<Deviation> deviations{};
    std::vector<Answer> answers{}; // passed and failed ones
};

/// A month of insight_history, as far as texts look back.
struct MonthOnRecord {
    std::string month;            // "2026-01"
    std::optional<int> quality{}; // basis points
};

/// Lists of calls are newest first, at most 50; the spans are the last 30 days and the 30 before.
struct AgentPicture {
    std::string month;
    SpanFigures now{};
    SpanFigures before{};
    std::vector<JudgedCall> calls{};
    std::vector<JudgedCall> earlier_calls{};
    std::vector<MonthOnRecord> record{}; // newest first, without `month`
};

struct CityPicture {
    std::string month;
    SpanFigures today{}; // day of the tenant's zone
    SpanFigures now{};
    SpanFigures before{};
    std::vector<IssueCount> issues_today{}; // most frequent first
    std::vector<IssueCount> issues{};
    std::vector<JudgedCall> calls_today{};
    std::vector<JudgedCall> calls{};
    std::vector<MonthOnRecord> record{};
    bool focus_wanted = true; // none was made this month
};

struct AgentTexts {
    std::optional<std::string> month{};
    std::optional<std::string> overall{};
    std::optional<std::string> change{};
};

struct CityTexts {
    std::optional<std::string> daily{};
    std::optional<std::string> month{};
    std::optional<std::string> overall{};
    std::optional<std::string> focus{};
    std::vector<std::string> risks{}; // at most 10
};

} // namespace hs
