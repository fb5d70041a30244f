/// Judgements beside labels: every measured answer of every call, and the table they give.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/eval/dataset.hpp"
#include "analysis/eval/statistics.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

/// One labelled point and what the program said; subject "question:greeting", "escalation", …
struct Point {
    std::string call;
    std::string language;
    std::string split;
    std::string subject;
    std::string expected;
    std::string got; // empty: needs review
    std::string quote;
};

/// Everything labelled of one call.
void add_points(const LabelledCall& call, const Evaluation& evaluation, std::vector<Point>& points);

/// A line of the table.
struct Line {
    std::string name;
    std::string positive; // class of precision and recall; empty: agreement only
    std::vector<Compared> items;
    Agreement counts;
};

struct Table {
    std::vector<Line> questions;
    Line sop; // all questions together
    std::map<std::string, Line> sop_by_language;
    Line escalation;
    Line direction;
    Line stabilisation;
    Line resolution;
};

[[nodiscard]] Table table_of(const std::vector<Point>& points);

/// A figure with the least value that is accepted.
struct Gate {
    std::string measure;
    double least = 0; // or the most, when `at_most`
    bool at_most = false;
};

/// Figures by name, as gates and baselines use them: "sop.agreement", "escalation.f1", …
[[nodiscard]] std::map<std::string, double> measures_of(const Table& table);

/// The gates for given transcripts, or for those of the embedded recogniser.
[[nodiscard]] std::vector<Gate> gates_for(bool recognised);

/// One sentence for each gate that is missed. With a baseline a figure that was already under its
/// gate passes while it is not lower than before.
[[nodiscard]] std::vector<std::string> missed_gates(const std::map<std::string, double>& measures,
                                                    const std::vector<Gate>& gates,
                                                    const std::map<std::string, double>& baseline);

/// One sentence for each subject that agrees significantly less than before: more than one
/// percentage point, and the paired bootstrap interval of the difference lies below zero.
[[nodiscard]] std::vector<std::string> regressions(const std::vector<Point>& before,
                                                   const std::vector<Point>& now);

} // namespace hs::analysis
