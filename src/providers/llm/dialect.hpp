/// What one server and model accept of the common request, learnt from refusals.
///
/// Servers that speak "the same" API differ in four members: how a reply's form is asked for, the
/// name of the output limit, and whether temperature and seed may be set. Which of them a server
/// takes shows in its refusal and nowhere else.
#pragma once

#include <mutex>

#include "base/http_client.hpp"

namespace hs::providers {

enum class ReplyForm { schema, json, text }; // what the server enforces; we check in every case

struct Dialect {
    ReplyForm form = ReplyForm::schema;
    bool temperature = true;
    bool seed = true;
    bool completion_limit = false; // "max_completion_tokens" instead of "max_tokens"

    bool operator==(const Dialect&) const = default;
};

/// The dialect to try after this refusal; the same one when the refusal is about something else.
[[nodiscard]] Dialect after_refusal(Dialect dialect, const InboundReply& reply);

/// Shared by all requests to one server and model.
class LearntDialect {
public:
    explicit LearntDialect(Dialect first) : dialect_(first) {}

    [[nodiscard]] Dialect get() const {
        const std::lock_guard lock(mutex_);
        return dialect_;
    }

    [[nodiscard]] bool would_change(const InboundReply& reply) const {
        const auto now = get();
        return !(after_refusal(now, reply) == now);
    }

    /// True when another request is worth sending.
    bool learn(const InboundReply& reply) {
        const std::lock_guard lock(mutex_);
        const auto next = after_refusal(dialect_, reply);
        const bool changed = !(next == dialect_);
        dialect_ = next;
        return changed;
    }

private:
    mutable std::mutex mutex_;
    Dialect dialect_;
};

} // namespace hs::providers
