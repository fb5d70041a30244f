#include "store/model_answers.hpp"

#include "store/queries.hpp"

namespace hs::store {

Task<std::optional<KeptModelAnswer>>
model_answer(pg::Session& session, TenantId tenant, std::string cache_key) {
    const auto rows = co_await session.run(sql::model_answer, pg::params(tenant, cache_key));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    KeptModelAnswer kept;
    kept.reported = row.text("reported");
    kept.reply_sealed = row.bytes("reply_sealed");
    co_return kept;
}

Task<void> keep_model_answer(pg::Session& session, TenantId tenant, ModelAnswerInsert answer) {
    auto values = pg::params(tenant,
                             answer.cache_key,
                             answer.call_id,
                             answer.provider,
                             answer.model,
                             answer.reported,
                             answer.reply_sealed);
    co_await session.run(sql::keep_model_answer, std::move(values));
}

Task<void> purge_model_answers(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::purge_model_answers, pg::params(tenant));
}

} // namespace hs::store
