/// HTTP resources: request -> pipeline or store -> JSON. One file a resource; routes.cpp lists all.
///
/// Handlers hold no state and take no decisions about calls; JSON key names live here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/audio_link.hpp"
#include "api/figures_cache.hpp"
#include "api/problem_page.hpp"
#include "api/web_files.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "http/router.hpp"
#include "pipeline/event_feed.hpp"
#include "pipeline/ingest.hpp"
#include "pipeline/services.hpp"

namespace hs::api {

struct Limits {
    std::uint64_t max_upload_bytes = 200u << 20;
    int max_duration_seconds = 4 * 3600;
    double min_duration_seconds = 1.0;
    std::string default_region = "IN";
    std::string time_zone = "Asia/Kolkata";
};

/// The contract as it is served.
struct Documentation {
    std::string yaml;  // api/openapi.yaml as it stands
    std::string json;  // the same document
    std::string page;  // for people
    CodeHelps codes{}; // what each error code means
};

/// What all handlers share; outlives the server.
struct Context {
    pipeline::Services services;
    pg::Database* slow_reads = nullptr; ///< for what takes long: a few connections of its own
    /// The leaderboard's scores are of calls judged for good only (settings: RANK_PROVISIONAL).
    bool rank_firm_only = false;
    Limits limits{};
    AudioLinks links{};
    Documentation documentation{};
    WebFiles web{};
    std::chrono::seconds default_wait{0};
    /// Signed audio links lead on to the object store, when it can be read without us.
    bool audio_from_store = false;
    std::chrono::seconds link_lifetime{3600};
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
    std::function<bool()> draining = [] { return false; };
    /// What /readyz asks beside the database; each gives an empty string or what is wrong.
    std::function<std::string()> storage_trouble = [] { return std::string(); };
    std::shared_ptr<pipeline::EventFeed> events{};
    int schema_version = 0; // newest migration this program knows
    std::shared_ptr<FiguresCache> figures = std::make_shared<FiguresCache>();
    std::shared_ptr<CompleteUntil> complete_until = std::make_shared<CompleteUntil>();
};

[[nodiscard]] pipeline::Caller caller_of(const http::Request& request);

/// 404 with the reference's sentence; a malformed id is not echoed.
[[nodiscard]] Error call_not_found(std::string_view id);
[[nodiscard]] Error agent_not_found(std::string_view id);
[[nodiscard]] Error city_not_found(std::string_view id);

/// A city's number in a path; nullopt for anything else.
[[nodiscard]] std::optional<CityId> city_id_of(std::string_view text);

/// Strong entity tag of a call: it changes with everything that changes the row.
[[nodiscard]] std::string call_tag(Time updated_at);

/// `Prefer: wait=N`, cut to 0..120; `fallback` when the header is absent.
struct Wait {
    std::chrono::seconds limit{0};
    bool applied = false; // from the header
};

[[nodiscard]] Wait preferred_wait(const http::Request& request, std::chrono::seconds fallback);

} // namespace hs::api
