#include "analysis/scorecard/answer_expression.hpp"

#include <cctype>

#include <fmt/format.h>

namespace hs::analysis {

struct AnswerExpression::Node {
    enum class Kind { both, either, negation, constant, equal, unequal };
    Kind kind = Kind::constant;
    bool value = false;
    std::string question;
    std::string wanted;
    std::unique_ptr<Node> left;
    std::unique_ptr<Node> right;
};

namespace {

using Node = AnswerExpression::Node;
using NodePtr = std::unique_ptr<Node>;

constexpr int max_depth = 32;

std::vector<std::string> lexemes(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (std::isspace(c) != 0) {
            ++i;
        } else if (std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-') {
            const auto from = i;
            while (i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
                                       text[i] == '_' || text[i] == '.' || text[i] == '-'))
                ++i;
            out.emplace_back(text.substr(from, i - from));
        } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '=') {
            out.emplace_back("!=");
            i += 2;
        } else {
            out.emplace_back(1, text[i]);
            ++i;
        }
    }
    return out;
}

class Parser {
public:
    explicit Parser(std::string_view text) : words_(lexemes(text)) {}

    Result<NodePtr> whole() {
        TRY(auto node, either(0));
        if (at_ < words_.size())
            return fail(ErrorKind::invalid, "scorecard.expression", "unexpected " + words_[at_]);
        return node;
    }

private:
    Result<NodePtr> either(int depth) {
        TRY(auto left, both(depth));
        while (take("or")) {
            TRY(auto right, both(depth));
            left = joined(Node::Kind::either, std::move(left), std::move(right));
        }
        return left;
    }

    Result<NodePtr> both(int depth) {
        TRY(auto left, unary(depth));
        while (take("and")) {
            TRY(auto right, unary(depth));
            left = joined(Node::Kind::both, std::move(left), std::move(right));
        }
        return left;
    }

    Result<NodePtr> unary(int depth) {
        if (depth > max_depth)
            return fail(ErrorKind::invalid, "scorecard.expression", "nested too deeply");
        if (take("not")) {
            TRY(auto inner, unary(depth + 1));
            return joined(Node::Kind::negation, std::move(inner), nullptr);
        }
        if (take("(")) {
            TRY(auto inner, either(depth + 1));
            if (!take(")")) return fail(ErrorKind::invalid, "scorecard.expression", ") is missing");
            return inner;
        }
        return atom();
    }

    Result<NodePtr> atom() {
        auto node = std::make_unique<Node>();
        const auto word = next();
        if (word == "true" || word == "false") {
            node->value = word == "true";
            return node;
        }
        if (!word.starts_with("answer.") || word.size() == 7)
            return fail(ErrorKind::invalid,
                        "scorecard.expression",
                        fmt::format("expected answer.<question>, found \"{}\"", word));
        node->question = word.substr(7);
        const auto relation = next();
        if (relation != "=" && relation != "!=")
            return fail(ErrorKind::invalid, "scorecard.expression", "expected = or !=");
        node->kind = relation == "=" ? Node::Kind::equal : Node::Kind::unequal;
        node->wanted = next();
        if (node->wanted.empty())
            return fail(ErrorKind::invalid, "scorecard.expression", "a state or option is missing");
        return node;
    }

    static NodePtr joined(Node::Kind kind, NodePtr left, NodePtr right) {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->left = std::move(left);
        node->right = std::move(right);
        return node;
    }

    bool take(std::string_view word) {
        if (at_ >= words_.size() || words_[at_] != word) return false;
        ++at_;
        return true;
    }

    std::string next() { return at_ < words_.size() ? words_[at_++] : std::string(); }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
};

bool truth(const Node& node, const AnswerLookup& lookup) {
    switch (node.kind) {
    case Node::Kind::constant: return node.value;
    case Node::Kind::negation: return !truth(*node.left, lookup);
    case Node::Kind::both: return truth(*node.left, lookup) && truth(*node.right, lookup);
    case Node::Kind::either: return truth(*node.left, lookup) || truth(*node.right, lookup);
    case Node::Kind::equal: return lookup(node.question) == node.wanted;
    case Node::Kind::unequal: return lookup(node.question) != node.wanted;
    }
    return false;
}

void collect(const Node& node, std::vector<std::string>& out) {
    if (!node.question.empty()) out.push_back(node.question);
    if (node.left) collect(*node.left, out);
    if (node.right) collect(*node.right, out);
}

} // namespace

AnswerExpression::AnswerExpression(std::unique_ptr<Node> root) : root_(std::move(root)) {}

AnswerExpression::AnswerExpression(AnswerExpression&&) noexcept = default;
AnswerExpression& AnswerExpression::operator=(AnswerExpression&&) noexcept = default;
AnswerExpression::~AnswerExpression() = default;

Result<AnswerExpression> AnswerExpression::parse(std::string_view text) {
    TRY(auto root, Parser(text).whole());
    return AnswerExpression(std::move(root));
}

bool AnswerExpression::holds(const AnswerLookup& lookup) const {
    return truth(*root_, lookup);
}

std::vector<std::string> AnswerExpression::questions() const {
    std::vector<std::string> out;
    collect(*root_, out);
    return out;
}

} // namespace hs::analysis
