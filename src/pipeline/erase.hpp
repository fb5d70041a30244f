/// Deleting a call: rows at once and in one transaction, objects by a job that comes back until
/// they are gone.
#pragma once

#include <functional>

#include "pipeline/ingest.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

enum class EraseState { erased, unknown_call, held, changed };

/// Whether a call that was last changed then is still the one the caller has seen.
using StillWanted = std::function<bool(Time updated_at)>;

/// Asks `wanted` while the call is locked; `changed` when it says no.
Task<EraseState> erase_call(const Services& services, Caller caller, CallId id, StillWanted wanted);

inline constexpr const char* erase_kind = "erase";

/// Stops the jobs of a deleted call and waits for them; then removes every object in the call's
/// folder, whoever wrote it, and the journal.
[[nodiscard]] queue::Handler erase_handler(Services services);

} // namespace hs::pipeline
