/// Requests that may be repeated, and the record of who did what.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct Reservation {
    std::string scope; // "POST /ingest/call"
    std::string key;
    Sha256 fingerprint{};
    CallId call_id;
    Time created_at;
    Uuid holder; // this attempt
};

/// A reply that is given again, word for word, to whoever sends the request again.
struct KeptReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::optional<CallId> about{}; // forgotten with this call
};

enum class ReservationState { ours, replay, in_progress, other_request };

struct ReservationResult {
    ReservationState state = ReservationState::ours;
    CallId call_id;  // ours: the assigned one (kept by later attempts); replay: the finished call's
    Time created_at; // of the assigned call
    std::optional<KeptReply> reply{}; // replay: what was answered, where it was kept
};

/// Takes the key, takes over one whose holder went silent (2 minutes), or says why not.
Task<ReservationResult> reserve(pg::Session& session, TenantId tenant, Reservation reservation);
/// In the recording transaction; false when another attempt has taken the key over.
Task<bool> finish_reservation(pg::Session& session, TenantId tenant, Reservation reservation);
/// The same, and keeps what is answered.
Task<bool>
finish_with_reply(pg::Session& session, TenantId tenant, Reservation reservation, KeptReply reply);
/// After a refusal: the key may be used again.
Task<void> release_reservation(pg::Session& session, TenantId tenant, Reservation reservation);
/// Rows older than 72 hours.
Task<void> purge_reservations(pg::Session& session, TenantId tenant);

struct AuditEntry {
    std::string principal;
    std::string address;
    std::string action; // "call.ingest"
    std::string object; // ids only
    std::optional<std::string> after_hash;
    std::string request_id;
    std::string result = "ok";
};

/// In the acting transaction.
Task<void> insert_audit(pg::Session& session, TenantId tenant, AuditEntry entry);

} // namespace hs::store
