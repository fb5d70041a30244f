/// The rule language: compiled once for a scorecard, run for every call.
///
/// Three-valued: a phrase that was not found in a transcript that cannot be trusted is unknown, not
/// absent, so weak speech recognition never accuses anybody. Every firm result carries a quote that
/// exists. Language: docs/reference/rule-language.md. Absent on purpose: backtracking and regular
/// expressions; the work is bounded by tokens x active patterns.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/rules/lint.hpp"
#include "analysis/rules/rule_source.hpp"
#include "analysis/text/tokens.hpp"
#include "base/error.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

inline constexpr std::string_view rules_engine_version = "1";

enum class Truth { no, unknown, yes };

struct ExpressionId {
    int value = -1;
};

class RuleRun;

/// Compiled lists, rules and single expressions. Immutable once runs exist; share between threads.
class Rulebook {
public:
    /// Never fails: problems are in lints(), and a rule with an error answers `uncertain`.
    [[nodiscard]] static Rulebook compile(std::vector<ListSource> lists,
                                          std::vector<RuleSource> rules);
    Rulebook(Rulebook&&) noexcept;
    Rulebook& operator=(Rulebook&&) noexcept;
    ~Rulebook();

    /// Compiles one more expression (an escalation cue, a resolution state, enable_if).
    /// Errors: invalid "rule.invalid" with the lint line.
    [[nodiscard]] Result<ExpressionId> add_expression(std::string_view text,
                                                      const SourcePosition& at = {});

    [[nodiscard]] bool has_rule(std::string_view id) const;
    [[nodiscard]] std::vector<std::string> rule_ids() const;
    /// The spelled words of all patterns, as they are written.
    [[nodiscard]] std::vector<std::string> words() const;
    [[nodiscard]] const std::vector<Lint>& lints() const;
    [[nodiscard]] bool has_errors() const;
    /// Runs every rule's embedded tests: an E07 for each that fails.
    [[nodiscard]] std::vector<Lint> run_tests() const;
    [[nodiscard]] std::size_t test_count() const;

    struct State; // inside of the engine only

private:
    friend class RuleRun;
    explicit Rulebook(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// A place in the call where an expression holds.
struct RuleSpan {
    EvidenceKind kind = EvidenceKind::said; // metric: an event; token fields are -1
    int turn = 0;                           // 1-based, as in Evidence
    int word_from = 0;
    int word_to = 0;
    int turn_to = 0;        // == turn unless a relation joined two turns
    int last_word_from = 0; // then the second part begins here and ends at last_word_to
    int last_word_to = 0;
    int token_from = -1; // into TokenText.tokens
    int token_to = -1;
    int start_ms = 0;
    int end_ms = 0;
    double confidence = 1.0;
    bool spotted = false; // heard by the keyphrase spotter only
};

struct ExpressionResult {
    Truth truth = Truth::no;
    std::vector<RuleSpan> spans; // in order of the call; empty for `not` and comparisons
    double confidence = 1.0;
    SearchedWindow searched;
};

enum class RuleOutcome { pass, fail, na, uncertain };

[[nodiscard]] const char* to_string(RuleOutcome outcome);

enum class DecidedBy { applies, fail, pass, otherwise };

struct RuleResult {
    std::string rule_id;
    RuleOutcome result = RuleOutcome::uncertain;
    double confidence = 0;
    std::vector<Evidence> evidence; // quotes are original words: redact before showing
    SearchedWindow searched;
    DecidedBy deciding = DecidedBy::otherwise;
};

/// What one call offers to rules. References must outlive the run.
struct RuleInputs {
    const Transcript& transcript;
    const TokenText& text; // tokenise(transcript)
    const ConversationMetrics* metrics = nullptr;
    const SentimentResult* sentiment = nullptr; // turn_scores and turn_weights are used
    std::map<std::string, std::string> meta;    // issue_category, call_context, language, …
    const std::vector<SpottedPhrase>* spotted = nullptr;
};

/// One call's evaluation. Patterns are matched once, at construction; not for use by two threads.
class RuleRun {
public:
    RuleRun(const Rulebook& book, RuleInputs inputs);
    RuleRun(RuleRun&&) noexcept;
    ~RuleRun();

    /// For `answer.NAME = state`: state is pass, fail, na or needs_review; or the option chosen.
    void set_answer(const std::string& question_id,
                    const std::string& state,
                    const std::string& option = {});

    /// The rule's result; `anchor` (may be empty) overrides the rule's own. Unknown id: uncertain.
    [[nodiscard]] RuleResult result(std::string_view rule_id, std::string_view anchor = {});
    /// Spans of the rule's deciding expression; valid until the next set_answer().
    [[nodiscard]] const std::vector<RuleSpan>& spans(std::string_view rule_id);
    [[nodiscard]] ExpressionResult evaluate(ExpressionId expression);
    /// The quote of a span: original words; two items when the span joins two turns.
    [[nodiscard]] std::vector<Evidence> evidence(const RuleSpan& span) const;
    /// The opening words of the anchor turn as absence evidence; null when there is none.
    [[nodiscard]] std::optional<Evidence> anchor(std::string_view anchor) const;

    struct State; // inside of the engine only

private:
    std::unique_ptr<State> state_;
};

} // namespace hs::analysis
