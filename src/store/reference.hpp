/// Rows taken over from a database of the reference implementation.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

enum class ReferenceTable { cities, agents, calls, call_insights, city_insights };

[[nodiscard]] std::string_view name_of(ReferenceTable table);

/// What is known here of a row of the source.
struct KnownRow {
    std::string id;
    std::optional<Bytes> source_hash; // unset: never imported
    bool present = false;
};

Task<std::vector<KnownRow>> known_rows(pg::Session& session,
                                       TenantId tenant,
                                       ReferenceTable table,
                                       std::vector<std::string> ids);

struct HeldKey { // a folded name or employee id, and whose it is
    std::string id;
    std::string key;
};

/// Cities with one of these ids or folded names.
Task<std::vector<HeldKey>> cities_holding(pg::Session& session,
                                          TenantId tenant,
                                          std::vector<std::string> ids,
                                          std::vector<std::string> keys);
/// Agents with one of these folded employee ids.
Task<std::vector<HeldKey>>
agents_holding(pg::Session& session, TenantId tenant, std::vector<std::string> keys);

/// Writes the rows (a JSON array of objects whose values are strings or null; names of members as
/// in sql/reference.sql) and notes them as imported.
Task<void>
write_imported(pg::Session& session, TenantId tenant, ReferenceTable table, std::string rows_json);

/// New cities get ids above the imported ones. Needs the owner's role.
Task<void> advance_city_ids(pg::Session& session);

/// Calls whose recording is still where the reference kept it, in order of id.
struct ExternalRecording {
    CallId call;
    Time created_at;
    std::string url;
};

Task<std::vector<ExternalRecording>>
external_recordings(pg::Session& session, TenantId tenant, std::optional<CallId> after, int limit);
/// The recording is here now; a call that waited for it becomes pending.
Task<void> adopt_recording(pg::Session& session, TenantId tenant, CallId call, std::string locator);

// --- verification -------------------------------------------------------------------------------

struct ImportedCount {
    std::string table;
    std::int64_t imported = 0; // noted as imported
    std::int64_t gone = 0;     // and deleted here since
};

Task<std::vector<ImportedCount>> imported_counts(pg::Session& session, TenantId tenant);

/// Imported calls that cannot be compared with their source any more: gone, or judged again here.
struct ChangedHere {
    std::vector<std::string> gone;
    std::vector<std::string> judged_again;
};

Task<ChangedHere> changed_here(pg::Session& session, TenantId tenant);

/// Sums over imported calls, by agent or city; scores in basis points.
struct GroupSums {
    std::string group;              // id, empty: none
    std::vector<std::int64_t> sums; // in the order of sum_names
};

inline constexpr std::array<std::string_view, 7> sum_names{
    "calls", "analysed", "escalated", "quality", "sop", "sentiment", "resolution"};

Task<std::vector<GroupSums>> imported_sums(pg::Session& session, TenantId tenant, bool by_city);

struct FigureCheck { // one sum in the facts of calls, and in the rollups with what waits for them
    std::string what;
    std::int64_t facts = 0;
    std::int64_t rollups = 0;
};

Task<std::vector<FigureCheck>> figures_against_facts(pg::Session& session, TenantId tenant);

} // namespace hs::store
