#include "domain/audio_facts.hpp"
#include "domain/evaluation.hpp"
#include "domain/transcript.hpp"

namespace hs {

const char* to_string(Role role) {
    switch (role) {
    case Role::agent: return "agent";
    case Role::customer: return "customer";
    case Role::system: return "system";
    case Role::unknown: return "unknown";
    }
    return "unknown";
}

Role parse_role(std::string_view text) {
    if (text == "agent") return Role::agent;
    if (text == "customer") return Role::customer;
    if (text == "system") return Role::system;
    return Role::unknown;
}

const char* to_string(Layout layout) {
    switch (layout) {
    case Layout::mono: return "mono";
    case Layout::true_stereo: return "true_stereo";
    case Layout::dual_mono: return "dual_mono";
    case Layout::cross_talk: return "cross_talk";
    }
    return "mono";
}

const char* to_string(AnswerState state) {
    switch (state) {
    case AnswerState::pass: return "pass";
    case AnswerState::fail: return "fail";
    case AnswerState::na: return "na";
    case AnswerState::needs_review: return "needs_review";
    }
    return "needs_review";
}

const char* to_string(AnswerMethod method) {
    switch (method) {
    case AnswerMethod::rule: return "rule";
    case AnswerMethod::metric: return "metric";
    case AnswerMethod::llm: return "llm";
    case AnswerMethod::human: return "human";
    case AnswerMethod::external: return "external";
    }
    return "rule";
}

const char* to_string(EvidenceKind kind) {
    switch (kind) {
    case EvidenceKind::said: return "said";
    case EvidenceKind::absence: return "absence";
    case EvidenceKind::metric: return "metric";
    }
    return "said";
}

double quantised_sentiment(double raw) {
    if (raw < 0.25) return 0.0;
    return raw < 0.75 ? 0.5 : 1.0;
}

double quantised_resolution(double raw) {
    if (raw < 0.375) return 0.0;
    return raw < 0.875 ? 0.75 : 1.0;
}

} // namespace hs
