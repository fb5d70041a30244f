/// Versions of scorecards: the library that comes with the program, and what tenants made of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// One identity for files and rows: what an evaluation names.
struct ScorecardRef {
    std::string key;
    int version = 0;
    std::string hash; // of the document and all it extends
};

/// What the program judges by where a tenant has put nothing in force.
struct ConfiguredScorecard {
    std::string key;
    int version = 0;
};

struct ScorecardText {
    ScorecardRef ref;
    std::string title_json;
    std::string selector_json;
    std::optional<ScorecardRef> extends;
    std::string content; // YAML
};

struct ScorecardVersion {
    ScorecardRef ref;
    std::string state;  // draft | active | retired
    std::string origin; // library | tenant
    std::string title_json;
    std::string selector_json;
    std::optional<std::string> extends; // key@version
    std::optional<std::string> note;
    std::string created_by;
    Time created_at;
};

struct ScorecardSummary {
    std::string key;
    std::string title_json;
    int newest = 0;
    int versions = 0;
    int drafts = 0;
    std::optional<int> active;
    std::optional<std::string> active_hash;
};

struct ActiveScorecard {
    ScorecardRef ref;
    std::string selector_json;
};

/// Into the library. As the worker, of no tenant.
Task<void> register_scorecard(pg::Session& session, ScorecardText text);

/// What the tenant has put in force, the newest choice first.
Task<std::vector<ActiveScorecard>> active_scorecards(pg::Session& session, TenantId tenant);

/// An empty hash: the text that is that version now.
Task<std::optional<ScorecardText>>
scorecard_text(pg::Session& session, TenantId tenant, ScorecardRef ref);

Task<std::vector<ScorecardSummary>> list_scorecards(pg::Session& session,
                                                    TenantId tenant,
                                                    ConfiguredScorecard configured,
                                                    std::optional<std::string> after,
                                                    int limit);

struct VersionPage {
    std::string key;
    std::optional<int> only;
    std::optional<int> below;
    int limit = 1;
};

/// Newest first.
Task<std::vector<ScorecardVersion>> scorecard_versions(pg::Session& session,
                                                       TenantId tenant,
                                                       ConfiguredScorecard configured,
                                                       VersionPage page);

/// One change of a tenant's scorecards at a time: until the end of the transaction.
Task<void> lock_scorecards(pg::Session& session, TenantId tenant);

struct NewScorecardVersion {
    ScorecardText text;
    std::optional<std::string> note;
    std::string who;
};

Task<void>
insert_scorecard_version(pg::Session& session, TenantId tenant, NewScorecardVersion version);
Task<void>
activate_scorecard(pg::Session& session, TenantId tenant, ActiveScorecard chosen, std::string who);
/// False: the tenant has put no version of this key in force.
Task<bool>
retire_scorecard(pg::Session& session, TenantId tenant, std::string key, std::string who);

} // namespace hs::store
