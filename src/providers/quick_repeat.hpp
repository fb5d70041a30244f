/// What adapters share on the way out: quick repeats of what may pass at once, and key ids.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/secret.hpp"
#include "providers/exchange.hpp"

namespace hs::providers {

struct RepeatRules {
    std::chrono::milliseconds delay{500};
    /// A reply that no repeat makes better whatever its status says; may be empty.
    std::function<bool(const InboundReply&)> is_final;
};

/// Sends with at most two quick repeats; longer waits are left to the job, which frees its worker.
/// `exchange`, `request` and `rules` outlive the task. Errors: those of the exchange; an endless
/// reply is unavailable "<area>.invalid_reply".
Task<Result<InboundReply>> send_with_repeats(std::shared_ptr<Exchange> exchange,
                                             const ProviderRequest& request,
                                             const RepeatRules& rules);

/// Tells keys apart in limits that workers share; nothing of the key can be read from it.
[[nodiscard]] std::string key_id_of(const Secret& key);

} // namespace hs::providers
