/// Paid answers, kept before anybody reads them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct JournaledReply {
    int run = 0; // counts the paid answers to one request
    Bytes reply_sealed;
};

struct ReplyInsert {
    std::string request_hash;
    std::string provider;
    std::string model;
    std::string subject; // the call
    Bytes reply_sealed;
    std::chrono::milliseconds latency{0};
    std::optional<Uuid> reservation; // that paid for it
};

struct ProviderCallOutcome {
    std::string request_hash;
    int run = 0;
    bool sound = true; // false: never handed out again
    std::string usage_json = "{}";
    double cost_usd = 0;
};

Task<std::optional<JournaledReply>>
journaled_reply(pg::Session& session, TenantId tenant, std::string request_hash);
/// The run it was kept as; 0 when another job has just kept an answer to the same request, or the
/// call has been deleted: nothing is kept about it then.
Task<int> journal_reply(pg::Session& session, TenantId tenant, ReplyInsert reply);
Task<void> settle_provider_call(pg::Session& session, TenantId tenant, ProviderCallOutcome outcome);
/// Rows older than 7 days.
Task<void> purge_provider_calls(pg::Session& session, TenantId tenant);

} // namespace hs::store
