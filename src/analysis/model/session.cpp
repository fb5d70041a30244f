#include "analysis/model/session.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

constexpr double sarcasm_difference = 0.8; // between the model's mood of a turn and ours
constexpr std::size_t longest_earlier_reply = 12000;

/// One round of the same questions to one model, window after window.
struct Round {
    std::size_t tier = 0;
    int sample = 0;                     // 0: the first answer
    std::vector<std::size_t> questions; // indices into the brief's, in the order they are asked
};

/// What is known of one question so far.
struct Progress {
    std::vector<Verdict> samples; // of one tier, the first answer first
    std::size_t tier = 0;
};

std::string parameters_of(const PromptTemplate& prompt) {
    return fmt::format(
        "temperature {}, top_p 1, max_output {}", prompt.temperature, prompt.max_output);
}

std::string hmac_hex(const Key256& key, const std::string& text) {
    return hex(hmac_sha256(key, bytes_of(text)));
}

std::string repair_text(const std::vector<std::string>& complaints) {
    std::string out = "Your answer does not match the required form:\n";
    for (const auto& complaint : complaints)
        out += "- " + complaint + "\n";
    return out + "Send the whole answer again, corrected, as one JSON object and nothing else.";
}

} // namespace

struct ModelSession::State {
    State(ModelBrief given,
          std::shared_ptr<const PromptTemplate> text,
          std::vector<ModelTier> models,
          SessionOptions how)
        : brief(std::move(given)), prompt(std::move(text)), tiers(std::move(models)), options(how),
          check(brief), suspicious(!brief.instruction_turns.empty()),
          windows(windows_of(brief.transcript, options.window_tokens, options.overlap_turns)),
          progress(brief.questions.size()) {
        use.prompt_id = prompt->id;
        use.prompt_version = prompt->version;
        use.prompt_hash = prompt->content_hash;
        use.schema_hash = prompt->schema_hash;
        use.parameters = parameters_of(*prompt);
    }

    void begin();
    void compose();
    void repair(const std::string& reply, const std::vector<std::string>& complaints);
    void next_window();
    void end_round();
    void end_first_round(std::vector<Verdict> verdicts);
    void end_sample(std::vector<Verdict> verdicts);
    void drop_round(bool whole);
    void count(const ModelShare& spent);
    [[nodiscard]] Verdict verdict_of(std::size_t question) const;
    [[nodiscard]] bool wants_larger(const OpenQuestion& question, const Verdict& verdict) const;
    [[nodiscard]] bool borderline(const OpenQuestion& question, const Verdict& verdict) const;
    [[nodiscard]] bool sarcasm_suspected() const;
    void plan_samples();
    [[nodiscard]] SettledAnswer answer_of(std::size_t question) const;
    void add_conversation(ModelFindings& out) const;

    ModelBrief brief;
    std::shared_ptr<const PromptTemplate> prompt;
    std::vector<ModelTier> tiers;
    SessionOptions options;
    EvidenceCheck check;
    bool suspicious;
    std::vector<TurnWindow> windows;
    std::vector<Progress> progress;

    std::deque<Round> rounds; // the first is under way
    std::size_t window = 0;
    std::vector<ModelClaims> replies; // of the round, window by window
    bool repairing = false;
    bool samples_planned = false;
    std::optional<ModelAsk> ask;
    std::string boundary;

    std::vector<ModelClaims> conversation; // first-round replies of the largest model that gave any
    std::set<std::string> flags;
    ModelUse use;
};

void ModelSession::State::begin() {
    if (tiers.empty() || brief.questions.empty()) return;
    Round first;
    for (std::size_t i = 0; i < brief.questions.size(); ++i)
        first.questions.push_back(i);
    rounds.push_back(std::move(first));
    compose();
}

void ModelSession::State::compose() {
    ask.reset();
    repairing = false;
    if (rounds.empty() && !samples_planned) {
        samples_planned = true;
        plan_samples();
    }
    if (rounds.empty()) return;
    const auto& round = rounds.front();
    std::vector<const OpenQuestion*> questions;
    for (const auto index : round.questions)
        questions.push_back(&brief.questions[index]);
    PromptValues values;
    values.texts = {{"boundary", ""},
                    {"language", brief.language},
                    {"issue_category", guarded_string(brief.issue_category)},
                    {"questions", question_lines(questions)},
                    {"findings", brief.findings},
                    {"metrics", brief.metrics},
                    {"transcript", transcript_lines(brief.transcript, windows[window])}};
    const auto plain = prompt->render(values);
    const auto& tier = tiers[round.tier];
    // The question order is part of the text; the sample is not, but it is asked for on its own.
    const auto key = sha256_hex(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}",
                                            prompt->content_hash,
                                            prompt->schema_hash,
                                            tier.provider,
                                            tier.model,
                                            use.parameters,
                                            round.sample,
                                            plain.system,
                                            plain.user));
    // From the key, so that the same question gives the same bytes, and secret, so that nobody who
    // speaks in the call can write it.
    boundary = "DATA-" + hmac_hex(options.secret, "boundary|" + key).substr(0, 24);
    values.texts["boundary"] = boundary;
    auto text = prompt->render(values);
    ModelAsk out;
    out.tier = round.tier;
    out.system = std::move(text.system);
    out.user = std::move(text.user);
    out.seed = static_cast<std::uint32_t>(std::stoul(key.substr(56), nullptr, 16)) & 0x7FFFFFFFU;
    out.max_output = prompt->max_output;
    out.cache_key = key;
    for (const auto* question : questions)
        out.questions.push_back(question->id);
    ask = std::move(out);
}

void ModelSession::State::repair(const std::string& reply,
                                 const std::vector<std::string>& complaints) {
    repairing = true;
    ask->earlier_reply = reply.substr(0, longest_earlier_reply);
    ask->complaint = repair_text(complaints);
    ask->cache_key = sha256_hex(ask->cache_key + "|repair|" + reply);
}

void ModelSession::State::count(const ModelShare& spent) {
    const auto& tier = tiers[rounds.front().tier];
    auto found = std::ranges::find_if(use.models, [&](const ModelShare& share) {
        return share.provider == tier.provider && share.model == tier.model;
    });
    if (found == use.models.end()) {
        ModelShare share;
        share.provider = tier.provider;
        share.model = tier.model;
        use.models.push_back(std::move(share));
        found = use.models.end() - 1;
    }
    ++found->requests;
    found->cached += spent.cached;
    found->repaired = found->repaired || repairing;
    if (!spent.reported.empty()) found->reported = spent.reported;
    found->tokens_in += spent.tokens_in;
    found->tokens_out += spent.tokens_out;
    found->tokens_cached += spent.tokens_cached;
    found->cost_usd += spent.cost_usd;
    found->latency_ms += spent.latency_ms;
}

Verdict ModelSession::State::verdict_of(std::size_t index) const {
    const auto& question = brief.questions[index];
    std::vector<Verdict> verdicts;
    for (const auto& reply : replies) {
        const auto claim = std::ranges::find_if(
            reply.answers, [&](const AnswerClaim& a) { return a.question_id == question.id; });
        verdicts.push_back(claim == reply.answers.end() ? Verdict{}
                                                        : check.verify(question, *claim));
    }
    return merged(question, std::move(verdicts));
}

void ModelSession::State::next_window() {
    if (++window < windows.size()) return compose();
    end_round();
}

void ModelSession::State::end_round() {
    const auto round = rounds.front();
    std::vector<Verdict> verdicts;
    for (const auto index : round.questions)
        verdicts.push_back(verdict_of(index));
    if (round.sample == 0)
        end_first_round(std::move(verdicts));
    else
        end_sample(std::move(verdicts));
    rounds.pop_front();
    replies.clear();
    window = 0;
    compose();
}

void ModelSession::State::end_first_round(std::vector<Verdict> verdicts) {
    const auto& round = rounds.front();
    conversation = replies;
    const bool larger = round.tier + 1 < tiers.size();
    Round next{round.tier + 1, 0, {}};
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const auto index = round.questions[i];
        if (larger && wants_larger(brief.questions[index], verdicts[i]))
            next.questions.push_back(index);
        progress[index].samples = {std::move(verdicts[i])};
        progress[index].tier = round.tier;
    }
    const bool again =
        larger && (!next.questions.empty() || (round.tier == 0 && sarcasm_suspected()));
    if (again) rounds.insert(rounds.begin() + 1, std::move(next));
}

void ModelSession::State::end_sample(std::vector<Verdict> verdicts) {
    const auto& round = rounds.front();
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        progress[round.questions[i]].samples.push_back(std::move(verdicts[i]));
}

bool ModelSession::State::wants_larger(const OpenQuestion& question, const Verdict& verdict) const {
    if (verdict.confidence < sure_confidence) return true;
    if (question.critical && verdict.state == ClaimState::fail) return true;
    const auto answer = settled(question, verdict, false);
    return answer.conflict || answer.state == AnswerState::needs_review;
}

bool ModelSession::State::borderline(const OpenQuestion& question, const Verdict& verdict) const {
    if (!is_proven(verdict)) return false;
    if (question.critical && verdict.state == ClaimState::fail) return true;
    return verdict.confidence >= borderline_confidence && verdict.confidence < sure_confidence;
}

bool ModelSession::State::sarcasm_suspected() const {
    for (const auto& reply : conversation)
        for (const auto& [turn, score] : reply.turn_sentiment) {
            const auto at = static_cast<std::size_t>(turn - 1);
            if (turn < 1 || at >= brief.turn_sentiment.size() ||
                brief.transcript.turns[at].role != Role::customer)
                continue;
            if (std::abs(score - brief.turn_sentiment[at]) > sarcasm_difference) return true;
        }
    return false;
}

void ModelSession::State::plan_samples() {
    // Each question is put again to the model that gave its last answer.
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
        Round round{tier, 1, {}};
        for (std::size_t i = 0; i < progress.size(); ++i)
            if (!progress[i].samples.empty() && progress[i].tier == tier &&
                borderline(brief.questions[i], progress[i].samples.front()))
                round.questions.push_back(i);
        if (round.questions.empty()) continue;
        for (int sample = 1; sample < options.samples; ++sample) {
            round.sample = sample;
            std::ranges::rotate(round.questions, round.questions.begin() + 1);
            if (sample == 1) std::ranges::reverse(round.questions);
            rounds.push_back(round);
        }
        use.samples = std::max(1, options.samples);
    }
}

/// `whole`: the model as such is of no use, not only this reply.
void ModelSession::State::drop_round(bool whole) {
    auto round = rounds.front();
    rounds.pop_front();
    replies.clear();
    window = 0;
    if (whole && round.sample > 0)
        std::erase_if(rounds, [&](const Round& other) { return other.tier == round.tier; });
    if (round.sample == 0 && round.tier + 1 < tiers.size()) {
        ++round.tier;
        rounds.push_front(std::move(round));
    }
    compose();
}

SettledAnswer ModelSession::State::answer_of(std::size_t index) const {
    const auto& question = brief.questions[index];
    const auto& samples = progress[index].samples;
    if (samples.empty()) {
        SettledAnswer open;
        open.question_id = question.id;
        open.rationale = "no usable answer of a model";
        return open;
    }
    if (!borderline(question, samples.front()) || options.samples < 2)
        return settled(question, samples.front(), suspicious);
    // A majority of all that were to be asked: a sample that failed agrees with nobody.
    for (const auto& verdict : samples) {
        if (!is_proven(verdict)) continue;
        Verdict best = verdict;
        int agreeing = 0;
        for (const auto& other : samples)
            if (is_proven(other) && same_answer(other, verdict)) {
                ++agreeing;
                if (other.confidence > best.confidence) best = other;
            }
        if (2 * agreeing > options.samples) return settled(question, best, suspicious);
    }
    auto open = settled(question, Verdict{}, suspicious);
    open.evidence = samples.front().evidence;
    open.rationale = "the same model answers differently when asked again";
    return open;
}

namespace {

/// Share of the samples that say what most of them say.
double agreement_of(const std::vector<Verdict>& samples, int asked) {
    std::ptrdiff_t most = 0;
    for (const auto& one : samples)
        most = std::max(most, std::ranges::count_if(samples, [&](const auto& other) {
                            return is_proven(other) && is_proven(one) && same_answer(one, other);
                        }));
    return static_cast<double>(most) / asked;
}

std::optional<Evidence>
first_found(const EvidenceCheck& check, const std::vector<QuoteClaim>& quotes, Role role) {
    for (const auto& quote : quotes)
        if (quote.kind == ClaimKind::said)
            if (auto found = check.verify(quote, role)) return found;
    return std::nullopt;
}

bool said_by_agent(const std::string& cue) {
    return cue == "privacy" || cue == "agent_abuse";
}

} // namespace

void ModelSession::State::add_conversation(ModelFindings& out) const {
    if (conversation.empty()) return;
    for (const auto& reply : conversation) {
        for (const auto& [turn, score] : reply.turn_sentiment)
            out.turn_sentiment.emplace(turn, score);
        for (const auto& claim : reply.cues) {
            const auto role = said_by_agent(claim.cue) ? Role::agent : Role::customer;
            const bool known = std::ranges::any_of(
                out.cues, [&](const FoundCue& cue) { return cue.cue == claim.cue; });
            if (known || claim.evidence.kind != ClaimKind::said) continue;
            if (auto found = check.verify(claim.evidence, role))
                out.cues.push_back({claim.cue, *std::move(found)});
        }
    }
    const auto& issue = conversation.front().issue;
    if (auto found = first_found(check, issue.evidence, Role::unknown))
        out.issue = FoundIssue{issue, *std::move(found)};
    const auto& resolution = conversation.back().resolution;
    if (auto found = first_found(check, resolution.evidence, Role::unknown))
        out.resolution = FoundResolution{resolution, *std::move(found)};
    out.detected_language = conversation.front().detected_language;
    // A text about a part of the call is not about the call.
    if (windows.size() == 1) out.texts = conversation.front().texts;
}

ModelSession::ModelSession(ModelBrief brief,
                           std::shared_ptr<const PromptTemplate> prompt,
                           std::vector<ModelTier> tiers,
                           SessionOptions options)
    : state_(
          std::make_unique<State>(std::move(brief), std::move(prompt), std::move(tiers), options)) {
    state_->begin();
}

ModelSession::~ModelSession() = default;

const ModelAsk* ModelSession::next() const {
    return state_->ask ? &*state_->ask : nullptr;
}

bool ModelSession::answered(const std::string& reply, const ModelShare& spent) {
    auto& state = *state_;
    if (!state.ask) return false;
    state.count(spent);
    if (reply.find(state.boundary) != std::string::npos) {
        // Only our own text knows the mark: the reply is not an answer to it but made of it.
        state.flags.insert("model_reply_quarantined");
        state.suspicious = true;
        state.drop_round(false);
        return false;
    }
    std::vector<std::string> complaints;
    auto claims = checked_claims(state.prompt->schema, reply, complaints);
    if (!claims && !state.repairing) {
        state.repair(reply, complaints);
        return false;
    }
    if (!claims) {
        state.flags.insert("model_reply_invalid");
        state.drop_round(false);
        return false;
    }
    state.replies.push_back(*std::move(claims));
    state.next_window();
    return true;
}

void ModelSession::failed(const Error& error) {
    if (!state_->ask) return;
    state_->use.error = error.code;
    state_->drop_round(true);
}

void ModelSession::give_up(const Error& error, const std::string& flag) {
    state_->use.error = error.code;
    state_->flags.insert(flag);
    state_->rounds.clear();
    state_->ask.reset();
}

ModelFindings ModelSession::findings() const {
    const auto& state = *state_;
    ModelFindings out;
    out.use = state.use;
    double agreement = 0;
    int sampled = 0;
    for (std::size_t i = 0; i < state.progress.size(); ++i) {
        out.answers.push_back(state.answer_of(i));
        const auto& samples = state.progress[i].samples;
        if (samples.size() < 2) continue;
        agreement += agreement_of(samples, state.options.samples);
        ++sampled;
    }
    if (sampled > 0) out.use.agreement = agreement / sampled;
    state.add_conversation(out);
    auto flags = state.flags;
    if (state.suspicious) flags.insert("prompt_injection_suspected");
    out.flags.assign(flags.begin(), flags.end());
    return out;
}

} // namespace hs::analysis
