/// Requests about one call, through the journal. Internal to src/pipeline: made by ProviderGate.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/provider_gate.hpp"

namespace hs::pipeline {

class JournaledExchange final : public providers::Exchange {
public:
    JournaledExchange(ProviderGate& gate, TenantId tenant, std::string subject)
        : gate_(gate), tenant_(tenant), subject_(std::move(subject)) {}

    Task<Result<InboundReply>> send(providers::ProviderRequest request) override;
    Task<void> read(const providers::ProviderRequest& request, providers::Reading reading) override;

private:
    /// The row an answer stands in, and whether it was paid for just now.
    struct Kept {
        int run = 0;
        bool fresh = false;
    };

    Task<std::optional<std::string>> kept_reply(std::string fingerprint);
    Task<void> keep(const providers::ProviderRequest& request,
                    std::string body,
                    std::chrono::milliseconds took);
    void count(const providers::ProviderRequest& request, const json::object& usage);

    ProviderGate& gate_;
    TenantId tenant_;
    std::string subject_;
    std::map<std::string, Kept> kept_; // by fingerprint
};

} // namespace hs::pipeline
