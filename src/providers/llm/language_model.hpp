/// Language models behind one interface: text in, text out, what it cost. Judging is elsewhere.
///
/// Three steps, so that the pipeline can keep a paid reply before anybody reads it: prepare() makes
/// the request, an Exchange sends it, parse() reads the reply. ask() is the three in a row.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "providers/exchange.hpp"

namespace hs::providers {

struct ModelRequest {
    std::string system;
    std::string user;
    /// A repair: what the model answered, and what is wrong with that. Empty: a first request.
    std::string earlier_reply;
    std::string complaint;
    json::object schema; // JSON Schema of the reply
    std::uint32_t seed = 0;
    int max_output = 4096; // tokens
    /// Names everything the answer hangs on (the cache key): equal identity, equal answer.
    std::string identity;
    /// Fields of an evaluator that is handed the call itself; models of text ignore them.
    std::vector<std::pair<std::string, std::string>> form;
    /// For the ledger: what reading this takes at most, and the questions it is asked for.
    std::int64_t tokens_in = 0;
    std::vector<std::string> questions;
    std::stop_token stop;
};

using ModelUsage = Consumption;

struct ModelReply {
    std::string text;  // JSON as far as the model kept to it: unwrapped, not checked
    std::string model; // as the server names it
    ModelUsage usage;
    json::object reported; // usage as reported
};

class LanguageModel {
public:
    LanguageModel() = default;
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;
    virtual ~LanguageModel() = default;

    [[nodiscard]] virtual std::string name() const = 0;  // "openai", "anthropic", "external"
    [[nodiscard]] virtual std::string model() const = 0; // as configured
    [[nodiscard]] virtual ProviderRequest prepare(const ModelRequest& request) const = 0;
    /// Errors: those of status_error("model"); unavailable "model.invalid_reply",
    /// "model.unavailable" (an error inside a 200); upstream "model.truncated" (ran out of output),
    /// "model.declined" (refusal or content filter): final for this model.
    [[nodiscard]] virtual Result<ModelReply> parse(const InboundReply& reply) const = 0;
    /// Learns from a refused request what this server does not take; true: prepare() makes another
    /// request now. What was learnt holds for all later requests of this object.
    [[nodiscard]] virtual bool adapt(const InboundReply& reply) = 0;
    [[nodiscard]] virtual bool would_adapt(const InboundReply& reply) const = 0;
    [[nodiscard]] virtual std::chrono::milliseconds repeat_delay() const = 0;
};

/// prepare, send with quick repeats, parse; tells the exchange what reading came to. `model`
/// outlives the task. Errors: those of parse() and of the exchange.
Task<Result<ModelReply>>
ask(LanguageModel& model, std::shared_ptr<Exchange> exchange, ModelRequest request);

} // namespace hs::providers
