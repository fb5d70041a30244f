/// The judgement of a call by rules: pure, deterministic, no I/O after loading.
///
/// Order: roles -> metrics -> redaction spans -> rules, sentiment -> answers -> scores -> texts.
/// Same inputs and versions give the same bytes.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/model/brief.hpp"
#include "analysis/model/findings.hpp"
#include "analysis/redaction.hpp"
#include "analysis/scorecard/review.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/audio_facts.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

/// What is known of a call besides its words.
struct CallContext {
    std::string issue_category;
    bool issue_is_emergency = false;
    std::string call_context = "NEW_ISSUE";
    std::string preferred_language; // empty: not given
    KnownNames names;               // masked, never sent anywhere
    std::optional<AudioFacts> audio;
    std::vector<SpottedPhrase> spotted;
    /// Codes of deviations that stood in two or more of the agent's nine calls before this one.
    std::vector<std::string> agents_deviations;
};

struct Judgement {
    Evaluation evaluation;
    Transcript redacted; // what readers see
    std::vector<PersonalSpan> personal_data;
    std::vector<OpenQuestion> open; // what a model may be asked; answered ones included
    json::object document;          // the object of call detail and `judge`, without ids and links
};

/// A loaded scorecard with its compiled rules and lexicon. Immutable; share it between threads.
class Judge {
public:
    /// Reads `scorecards/<key>/<version>.yaml` and the lexicon below `scorecards`.
    /// Errors: invalid "scorecard.invalid" with file:line:column messages.
    [[nodiscard]] static Result<Judge>
    load(const std::filesystem::path& scorecards, const std::string& key, int version);
    /// The same from texts that are wherever they are. Errors: also those of `texts`.
    [[nodiscard]] static Result<Judge> build(std::shared_ptr<const Grounds> grounds,
                                             const ScorecardTexts& texts,
                                             const std::string& key,
                                             int version);
    Judge(Judge&&) noexcept;
    Judge& operator=(Judge&&) noexcept;
    ~Judge();

    /// With `findings`, what a model said about the same call is combined with what the rules say.
    [[nodiscard]] Judgement judge(const Transcript& transcript,
                                  const CallContext& context,
                                  const ModelFindings* findings = nullptr) const;

    /// What a model is told about a call that the rules have judged; without open questions there
    /// is nothing to ask.
    [[nodiscard]] ModelBrief brief(const Transcript& transcript,
                                   const CallContext& context,
                                   const Judgement& judgement) const;

    [[nodiscard]] const Scorecard& card() const;

    /// Names every version that decides a judgement: scorecard, rule engine, lexicon, redaction.
    [[nodiscard]] std::string versions() const;

    /// English titles of the scorecard's questions, by id.
    [[nodiscard]] std::map<std::string, std::string> question_titles() const;

    /// Phrases worth a place in a speech engine's language model and keyphrase list.
    [[nodiscard]] std::vector<std::string> vocabulary_phrases() const;

private:
    struct State;
    explicit Judge(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace hs::analysis
