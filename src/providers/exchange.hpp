/// The one door that paid requests go through.
///
/// A provider prepares a request, hands it to an Exchange, reads the reply and says what came of
/// reading it. The pipeline's Exchange keeps replies before they are read and minds the limits.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/http_client.hpp"
#include "base/json.hpp"
#include "base/task.hpp"

namespace hs::providers {

struct ProviderRequest {
    std::string provider;    // "openai"
    std::string model;       // as configured
    std::string key_id;      // tells one key from another without telling the key
    std::string area;        // "speech": first word of error codes, label of metrics
    std::string fingerprint; // equal requests have equal answers: hex SHA-256 of all that matters
    int repeat = 0;          // above 0: a quick repeat of what has just failed
    bool keep = true;        // false: it only asks how something stands, each answer is another one
    OutboundRequest http;
};

/// What reading a reply came to.
struct Reading {
    bool sound = false;
    json::object usage; // as the provider reports it; empty when it does not
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
