/// Expressions over answers, as in `enable_if: answer.verification != na and not answer.x = fail`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hs::analysis {

/// State or chosen option of a question; empty when it is not answered yet.
using AnswerLookup = std::function<std::optional<std::string>(std::string_view question_id)>;

class AnswerExpression {
public:
    /// Grammar: or, and, not, parentheses, true, false, answer.NAME =|!= NAME.
    /// Errors: invalid "scorecard.expression".
    [[nodiscard]] static Result<AnswerExpression> parse(std::string_view text);
    AnswerExpression(AnswerExpression&&) noexcept;
    AnswerExpression& operator=(AnswerExpression&&) noexcept;
    ~AnswerExpression();

    [[nodiscard]] bool holds(const AnswerLookup& lookup) const;
    /// Questions the expression asks about.
    [[nodiscard]] std::vector<std::string> questions() const;

    struct Node;

private:
    explicit AnswerExpression(std::unique_ptr<Node> root);
    std::unique_ptr<Node> root_;
};

} // namespace hs::analysis
