/// POST requests that are done once under their Idempotency-Key, however often they are sent.
///
/// The key is taken in a transaction of its own before the handler runs. The reply is kept, and the
/// key finished, in the transaction that does the work: after a crash either both are there, and
/// the next attempt is answered from what was kept, or neither is, and it does the work when the
/// first attempt's lease is over. An attempt whose key has gone to another one commits nothing.
#pragma once

#include <optional>

#include "api/context.hpp"
#include "http/router.hpp"
#include "pg/database.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

/// What a request that was done before is answered with.
enum class Repeated {
    as_first, // the first reply, word for word
    as_it_is, // the handler's reply about what the work has come to; it asks replayed()
};

/// The key of one request, in the hands of its handler. A request without a key has an empty one.
class Once {
public:
    Once() = default;

    Once(TenantId tenant, store::Reservation reservation, Repeated repeated)
        : tenant_(tenant), reservation_(std::move(reservation)), repeated_(repeated) {}

    /// Of a request that was done before.
    [[nodiscard]] static Once again();

    /// The reply tells of this call, and is forgotten when that is erased.
    void about(CallId call) { about_ = call; }

    /// Commits the work together with its reply, which is given back; or a 409 and no commit.
    Task<http::Response>
    commit(pg::Transaction& transaction, const http::Request& request, http::Response response);

    /// For work that is committed elsewhere: inside its transaction. False: it must not be.
    Task<bool> keep(pg::Session& session, http::Response response);

    /// The work was done before; only with Repeated::as_it_is.
    [[nodiscard]] bool replayed() const { return replayed_; }

    [[nodiscard]] bool kept() const { return kept_; }

private:
    TenantId tenant_;
    std::optional<store::Reservation> reservation_;
    Repeated repeated_ = Repeated::as_first;
    std::optional<CallId> about_;
    bool replayed_ = false;
    bool kept_ = false;
};

using OnceHandler = Task<http::Response> (*)(const Context&, http::Request, Once&);

/// Runs the handler at most once for a key. A reply that it has not kept itself is kept afterwards:
/// only for work that does no harm when it is done twice, since a crash in between forgets the key.
/// `context` outlives the route.
[[nodiscard]] http::Handler
once(const Context& context, OnceHandler handler, Repeated repeated = Repeated::as_first);

} // namespace hs::api
