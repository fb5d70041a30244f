#include "providers/quick_repeat.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/crypto.hpp"
#include "providers/http_reply.hpp"

namespace hs::providers {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int quick_repeats = 2;
constexpr seconds longest_quick_wait{1};

/// An endless reply is the provider's mood, not the call's fault: the call may be tried again.
Error send_error(const std::string& area, Error error) {
    if (error.code != "egress.too_large") return error;
    return {ErrorKind::unavailable, area + ".invalid_reply", error.message, std::nullopt};
}

/// How long to wait before a quick repeat of this outcome; nothing when it is not worth one.
std::optional<milliseconds>
repeat_wait(const std::string& area, const Result<InboundReply>& reply, const RepeatRules& rules) {
    if (!reply) {
        if (reply.error().kind == ErrorKind::rate_limited) return std::nullopt; // a pause for all
        const auto& code = reply.error().code;
        if (code == "egress.connect" || code == "egress.interrupted") return rules.delay;
        return std::nullopt;
    }
    if (reply->status < 400 || (rules.is_final && rules.is_final(*reply))) return std::nullopt;
    const auto error = status_error(area, *reply, SystemClock().now());
    if (!may_retry(error.kind)) return std::nullopt;
    if (!error.retry_after)
        return error.kind == ErrorKind::rate_limited ? std::nullopt : std::optional(rules.delay);
    // Anything longer is a snooze of the job, which frees the worker.
    if (*error.retry_after > longest_quick_wait) return std::nullopt;
    return std::max<milliseconds>(*error.retry_after, rules.delay);
}

} // namespace

Task<Result<InboundReply>> send_with_repeats(std::shared_ptr<Exchange> exchange,
                                             const ProviderRequest& request,
                                             const RepeatRules& rules) {
    for (int repeats = 0;; ++repeats) {
        auto attempt = request;
        attempt.repeat = repeats;
        auto reply = co_await exchange->send(std::move(attempt));
        const auto wait = repeat_wait(request.area, reply, rules);
        if (!wait || repeats == quick_repeats || request.http.stop.stop_requested()) {
            if (!reply)
                co_return std::unexpected(send_error(request.area, std::move(reply).error()));
            co_return reply;
        }
        asio::steady_timer timer(co_await asio::this_coro::executor, *wait);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

std::string key_id_of(const Secret& key) {
    if (key.empty()) return "none";
    return sha256_hex("provider key:" + std::string(key.reveal())).substr(0, 16);
}

} // namespace hs::providers
