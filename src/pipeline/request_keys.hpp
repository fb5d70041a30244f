/// Keys of requests that may be sent again: taken before the work, freed when nothing came of it.
#pragma once

#include <functional>
#include <optional>

#include "base/error.hpp"
#include "pipeline/services.hpp"
#include "store/idempotency.hpp"

namespace hs::pipeline {

/// Throws DatabaseError; the key is then free again as far as the database can be reached.
/// References are to what the caller holds until it has ended.
Task<store::ReservationResult>
take_key(const Services& services, TenantId tenant, const store::Reservation& reservation);

/// Why a key cannot be used now; nothing when it is ours, or answers as the first time. Errors:
/// conflict "idempotency.key_reused", "idempotency.in_progress".
[[nodiscard]] std::optional<Error> not_ours(const store::ReservationResult& taken);

/// What else belongs into the transaction that does the work, right before its commit. False: no
/// commit.
using AlsoWritten = std::function<Task<bool>(pg::Session&)>;

/// Why a work that was done is not committed: its key has gone to another attempt.
[[nodiscard]] Error overtaken();

/// The key may be used again: nothing was recorded under it. A commit whose answer was lost has
/// finished the reservation, and finished ones stay.
Task<void>
free_key(const Services& services, TenantId tenant, const store::Reservation& reservation);

} // namespace hs::pipeline
