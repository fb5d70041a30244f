/// The one door that paid requests go through.
///
/// A provider prepares a request, hands it to an Exchange, reads the reply and says what came of
/// reading it. The pipeline's Exchange keeps replies before they are read and minds the limits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/http_client.hpp"
#include "base/json.hpp"
#include "base/task.hpp"

namespace hs::providers {

/// What a request comes to, or will come to at most. Zero: unknown.
struct Consumption {
    std::int64_t tokens_in = 0; // all that was read, from a cache or not
    std::int64_t tokens_out = 0;
    std::int64_t tokens_cached = 0; // the part of tokens_in that was cheaper
    double audio_seconds = 0;
    double cost_usd = 0; // when the server reports it
};

struct ProviderRequest {
    std::string provider;    // "openai"
    std::string model;       // as configured
    std::string key_id;      // tells one key from another without telling the key
    std::string area;        // "speech": first word of error codes, label of metrics
    std::string fingerprint; // equal requests have equal answers: hex SHA-256 of all that matters
    int repeat = 0;          // above 0: a quick repeat of what has just failed
    bool keep = true;        // false: it only asks how something stands, each answer is another one
    OutboundRequest http;
    Consumption expected;               // at most
    std::vector<std::string> questions; // of the scorecard, that share the cost
};

/// What reading a reply came to.
struct Reading {
    bool sound = false;
    json::object usage;   // as the provider reports it; empty when it does not
    Consumption consumed; // the same, understood; what stays zero is read from `usage`
};

class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    /// Any status is a reply. Errors: those of HttpClient and of the limits that are kept.
    virtual Task<Result<InboundReply>> send(ProviderRequest request) = 0;
    /// After each reply of 2xx. `request` outlives the returned task.
    virtual Task<void> read(const ProviderRequest& request, Reading reading) = 0;
};

/// Sends bytes.
using Transport = std::function<Task<Result<InboundReply>>(OutboundRequest)>;

/// Without journal and limits: for programs that have no database.
[[nodiscard]] std::shared_ptr<Exchange> straight_exchange(Transport transport);

} // namespace hs::providers
