/// Agreement of answers with labels: confusion counts, intervals, kappa.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hs::analysis {

using Interval = std::pair<double, double>;

/// One labelled answer of one call.
struct Compared {
    std::string call;
    std::string expected;
    std::string got; // empty: needs review
};

struct Agreement {
    int labelled = 0;
    int answered = 0; // not needs_review
    int right = 0;    // of the answered
    int true_positive = 0;
    int false_positive = 0;
    int false_negative = 0;
    int true_negative = 0;
    int false_alarms = 0; // answered the positive class wrongly

    [[nodiscard]] std::optional<double> agreement() const; ///< of the answered
    [[nodiscard]] double coverage() const;
    [[nodiscard]] std::optional<double> precision() const;
    [[nodiscard]] std::optional<double> recall() const;
    [[nodiscard]] std::optional<double> f1() const;
};

/// `positive` is the class that precision and recall are about ("fail", "yes").
[[nodiscard]] Agreement count_agreement(const std::vector<Compared>& items,
                                        const std::string& positive);

/// Wilson score interval, 95 %.
[[nodiscard]] Interval wilson(int right, int all);

/// Cohen's kappa of the answered items; null when labels or answers have one class only.
[[nodiscard]] std::optional<double> kappa(const std::vector<Compared>& items);

/// 95 % percentile interval of kappa over 2,000 resamples by call; null when kappa is.
[[nodiscard]] std::optional<Interval> kappa_interval(const std::vector<Compared>& items);

/// 95 % interval of the difference of two paired series of right (1) and wrong (0), new - old,
/// over 2,000 resamples.
[[nodiscard]] Interval paired_difference(const std::vector<std::pair<int, int>>& old_and_new);

} // namespace hs::analysis
