/// Answers of language models, kept by what was asked.
#pragma once

#include <optional>
#include <string>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct ModelAnswerInsert {
    std::string cache_key;
    CallId call_id;
    std::string provider;
    std::string model;
    std::string reported;
    Bytes reply_sealed;
};

struct KeptModelAnswer {
    std::string reported;
    Bytes reply_sealed;
};

Task<std::optional<KeptModelAnswer>>
model_answer(pg::Session& session, TenantId tenant, std::string cache_key);
/// The first one stays. Nothing is kept when the call is gone.
Task<void> keep_model_answer(pg::Session& session, TenantId tenant, ModelAnswerInsert answer);
/// Rows older than 90 days.
Task<void> purge_model_answers(pg::Session& session, TenantId tenant);

} // namespace hs::store
