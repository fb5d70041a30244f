/// What a model is told about a call: nothing but redacted words, open questions and figures.
///
/// Names, phone, address of the recording and the agent's name are not in here, so nobody can send
/// them by mistake.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/scorecard/scorecard.hpp"
#include "domain/evaluation.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// A question the rules left open (or one that a model always answers), with what they know.
struct OpenQuestion {
    std::string id;
    std::string title;
    std::string instructions;
    std::string prompt; // id of the prompt that asks it
    QuestionType type = QuestionType::yes_no;
    std::vector<AnswerOption> options;
    bool na_allowed = true;
    bool critical = false;
    Role evidence_role = Role::agent; // who must have said it; unknown: anybody
    AnswerState rule_state = AnswerState::needs_review;
    double rule_confidence = 0;
    bool has_rule = false;
    bool rule_matched = false; // its deciding words were heard somewhere
};

struct ModelBrief {
    Transcript transcript; // redacted for models, roles assigned
    std::vector<OpenQuestion> questions;
    std::string issue_category;
    std::string language;
    std::string findings; // of the rules, JSON lines
    std::string metrics;  // one JSON object
    std::vector<int> instruction_turns;
    std::vector<double> turn_sentiment; // of the rules, index = turn - 1
};

/// Turns [from, to), indices into the transcript.
struct TurnWindow {
    std::size_t from = 0;
    std::size_t to = 0;
};

/// Stretches of about `tokens`, each beginning `overlap` turns before the last one's end. At least
/// one.
[[nodiscard]] std::vector<TurnWindow>
windows_of(const Transcript& transcript, std::size_t tokens, std::size_t overlap);

/// The window as JSON lines {"i":7,"r":"agent","t":"…"}. Whatever could end a block or pose as
/// somebody's turn in a chat is written as a JSON escape.
[[nodiscard]] std::string transcript_lines(const Transcript& transcript, TurnWindow window);
[[nodiscard]] std::string question_lines(const std::vector<const OpenQuestion*>& questions);
[[nodiscard]] std::string finding_lines(const std::vector<Answer>& answers);
[[nodiscard]] std::string metrics_line(const ConversationMetrics& metrics);

/// A JSON string, quotes included, with nothing in it that means something outside of JSON.
[[nodiscard]] std::string guarded_string(std::string_view text);

/// About how many tokens a model counts; scripts of many characters count more.
[[nodiscard]] std::size_t estimated_tokens(std::string_view text);

} // namespace hs::analysis
