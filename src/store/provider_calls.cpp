#include "store/provider_calls.hpp"

#include "store/queries.hpp"

namespace hs::store {

Task<std::optional<JournaledReply>>
journaled_reply(pg::Session& session, TenantId tenant, std::string request_hash) {
    const auto rows = co_await session.run(sql::journaled_reply, pg::params(tenant, request_hash));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    JournaledReply kept;
    kept.run = static_cast<int>(row.integer("run"));
    kept.reply_sealed = row.bytes("reply_sealed");
    co_return kept;
}

Task<int> journal_reply(pg::Session& session, TenantId tenant, ReplyInsert reply) {
    auto values = pg::params(tenant,
                             reply.request_hash,
                             reply.provider,
                             reply.model,
                             reply.subject,
                             reply.reply_sealed,
                             std::int64_t{reply.latency.count()},
                             reply.reservation);
    const auto rows = co_await session.run(sql::journal_reply, std::move(values));
    co_return rows.empty() ? 0 : static_cast<int>(rows.front().integer("run"));
}

Task<void>
settle_provider_call(pg::Session& session, TenantId tenant, ProviderCallOutcome outcome) {
    auto values = pg::params(tenant,
                             outcome.request_hash,
                             outcome.run,
                             outcome.sound ? "answered" : "invalid",
                             outcome.usage_json,
                             outcome.cost_usd);
    co_await session.run(sql::settle_provider_call, std::move(values));
}

Task<void> purge_provider_calls(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::purge_provider_calls, pg::params(tenant));
}

} // namespace hs::store
