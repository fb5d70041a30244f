#include "store/scorecards.hpp"

#include <fmt/format.h>

#include "store/queries.hpp"

namespace hs::store {

namespace {

std::optional<int> small(const std::optional<std::int64_t>& value) {
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

int whole(const pg::Row& row, std::string_view column) {
    return static_cast<int>(row.integer(column));
}

void add_text(pg::Params& values, const ScorecardText& text) {
    values.add(text.ref.key).add(text.ref.version).add(text.ref.hash);
    values.add(text.title_json).add(text.selector_json);
    if (text.extends) {
        values.add(text.extends->key).add(text.extends->version).add(text.extends->hash);
    } else {
        values.add(std::nullopt).add(std::nullopt).add(std::nullopt);
    }
    values.add(text.content);
}

ScorecardVersion version_of(const pg::Row& row) {
    ScorecardVersion out;
    out.ref = {row.text("key"), whole(row, "version"), row.text("content_hash")};
    out.state = row.text("state");
    out.origin = row.text("origin");
    out.title_json = row.text("title");
    out.selector_json = row.text("selector");
    if (const auto base = row.optional_text("extends_key"))
        out.extends = fmt::format("{}@{}", *base, row.integer("extends_version"));
    out.note = row.optional_text("note");
    out.created_by = row.text("created_by");
    out.created_at = row.time("created_at");
    return out;
}

} // namespace

Task<void> register_scorecard(pg::Session& session, ScorecardText text) {
    pg::Params values;
    add_text(values, text);
    co_await session.run(sql::register_scorecard, std::move(values));
}

Task<std::vector<ActiveScorecard>> active_scorecards(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::active_scorecards, pg::params(tenant));
    std::vector<ActiveScorecard> out;
    for (const auto row : rows) {
        ActiveScorecard active;
        active.ref = {row.text("key"), whole(row, "version"), row.text("content_hash")};
        active.selector_json = row.text("selector");
        out.push_back(std::move(active));
    }
    co_return out;
}

Task<std::optional<ScorecardText>>
scorecard_text(pg::Session& session, TenantId tenant, ScorecardRef ref) {
    std::optional<std::string> hash;
    if (!ref.hash.empty()) hash = ref.hash;
    auto values = pg::params(tenant, ref.key, ref.version, hash);
    const auto rows = co_await session.run(sql::scorecard_text, std::move(values));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    ScorecardText out;
    out.ref = std::move(ref);
    out.ref.hash = row.text("content_hash");
    out.content = row.text("content");
    if (const auto base = row.optional_text("extends_key")) {
        ScorecardRef extends;
        extends.key = *base;
        extends.version = whole(row, "extends_version");
        extends.hash = row.text("extends_hash");
        out.extends = std::move(extends);
    }
    co_return out;
}

Task<std::vector<ScorecardSummary>> list_scorecards(pg::Session& session,
                                                    TenantId tenant,
                                                    ConfiguredScorecard configured,
                                                    std::optional<std::string> after,
                                                    int limit) {
    auto values = pg::params(tenant, configured.key, configured.version, after, limit);
    const auto rows = co_await session.run(sql::list_scorecards, std::move(values));
    std::vector<ScorecardSummary> out;
    for (const auto row : rows) {
        ScorecardSummary summary;
        summary.key = row.text("key");
        summary.title_json = row.text("title");
        summary.newest = whole(row, "newest");
        summary.versions = whole(row, "versions");
        summary.drafts = whole(row, "drafts");
        summary.active = small(row.optional_integer("active"));
        summary.active_hash = row.optional_text("active_hash");
        out.push_back(std::move(summary));
    }
    co_return out;
}

Task<std::vector<ScorecardVersion>> scorecard_versions(pg::Session& session,
                                                       TenantId tenant,
                                                       ConfiguredScorecard configured,
                                                       VersionPage page) {
    auto values = pg::params(
        tenant, configured.key, configured.version, page.key, page.only, page.below, page.limit);
    const auto rows = co_await session.run(sql::scorecard_versions, std::move(values));
    std::vector<ScorecardVersion> out;
    for (const auto row : rows)
        out.push_back(version_of(row));
    co_return out;
}

Task<void> lock_scorecards(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::lock_scorecards, pg::params(tenant));
}

Task<void>
insert_scorecard_version(pg::Session& session, TenantId tenant, NewScorecardVersion version) {
    pg::Params values;
    values.add(tenant);
    add_text(values, version.text);
    values.add(version.note).add(version.who);
    co_await session.run(sql::insert_scorecard_version, std::move(values));
}

Task<void>
activate_scorecard(pg::Session& session, TenantId tenant, ActiveScorecard chosen, std::string who) {
    const auto& ref = chosen.ref;
    auto values = pg::params(tenant, ref.key, ref.version, ref.hash, chosen.selector_json, who);
    co_await session.run(sql::activate_scorecard, std::move(values));
}

Task<bool>
retire_scorecard(pg::Session& session, TenantId tenant, std::string key, std::string who) {
    auto values = pg::params(tenant, key, who);
    const auto rows = co_await session.run(sql::retire_scorecard, std::move(values));
    co_return !rows.empty();
}

} // namespace hs::store
