#include "pipeline/request_keys.hpp"

#include <exception>

namespace hs::pipeline {

Task<store::ReservationResult>
take_key(const Services& services, TenantId tenant, const store::Reservation& reservation) {
    std::exception_ptr thrown; // a handler cannot await: what it caught goes on after the release
    try {
        const auto unit = services.database.unit({.tenant = tenant});
        co_return co_await store::reserve(*unit, tenant, reservation);
    } catch (...) {
        thrown = std::current_exception();
    }
    // It may have been taken, and only the answer was lost.
    co_await free_key(services, tenant, reservation);
    std::rethrow_exception(thrown);
}

std::optional<Error> not_ours(const store::ReservationResult& taken) {
    if (taken.state == store::ReservationState::other_request) {
        return Error{ErrorKind::conflict,
                     "idempotency.key_reused",
                     "This Idempotency-Key was used with another request.",
                     std::nullopt};
    }
    if (taken.state == store::ReservationState::in_progress) {
        return Error{ErrorKind::conflict,
                     "idempotency.in_progress",
                     "The first request with this Idempotency-Key is still running.",
                     std::chrono::seconds(2)};
    }
    return std::nullopt;
}

Error overtaken() {
    return {ErrorKind::conflict,
            "idempotency.in_progress",
            "Another attempt with this Idempotency-Key has taken over.",
            std::chrono::seconds(2)};
}

Task<void>
free_key(const Services& services, TenantId tenant, const store::Reservation& reservation) {
    const auto unit = services.database.unit({.tenant = tenant});
    try {
        co_await store::release_reservation(*unit, tenant, reservation);
    } catch (const pg::DatabaseError& error) {
        // Its lease ends by itself; the answer to the client matters more.
        services.log.warn("idempotency.not_released", {{"sqlstate", error.sqlstate()}});
    }
}

} // namespace hs::pipeline
