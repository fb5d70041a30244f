/// Requests about one call, through the journal. Internal to src/pipeline: made by ProviderGate.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/provider_gate.hpp"

namespace hs::pipeline {

class JournaledExchange final : public providers::Exchange {
public:
    JournaledExchange(ProviderGate& gate, SpendPurpose purpose)
        : gate_(gate), tenant_(purpose.tenant), purpose_(std::move(purpose)) {}

    Task<Result<InboundReply>> send(providers::ProviderRequest request) override;
    Task<void> read(const providers::ProviderRequest& request, providers::Reading reading) override;

private:
    /// The row an answer stands in, and whether it was paid for just now.
    struct Kept {
        int run = 0;
        bool fresh = false;
        std::optional<Uuid> reservation; // of a fresh one
        ProviderGate::PermitPtr permit;  // the same
    };

    Task<std::optional<std::string>> kept_reply(std::string fingerprint);
    Task<Result<InboundReply>> look(providers::ProviderRequest request);
    Task<Result<InboundReply>> pay(providers::ProviderRequest request);
    Task<void> keep(const providers::ProviderRequest& request, std::string body, Kept kept);
    void count(const providers::ProviderRequest& request, const providers::Consumption& consumed);

    ProviderGate& gate_;
    TenantId tenant_;
    SpendPurpose purpose_;
    std::map<std::string, Kept> kept_; // by fingerprint
};

} // namespace hs::pipeline
