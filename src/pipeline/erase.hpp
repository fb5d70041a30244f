/// Deleting a call: rows at once and in one transaction, objects by a job that comes back until
/// they are gone.
#pragma once

#include "pipeline/ingest.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

enum class EraseState { erased, unknown_call, held };

Task<EraseState> erase_call(const Services& services, Caller caller, CallId id);

inline constexpr const char* erase_kind = "erase";

/// Removes the objects of a deleted call: recording, its form, playback copy; and the journal.
[[nodiscard]] queue::Handler erase_handler(Services services);

} // namespace hs::pipeline
