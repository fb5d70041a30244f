/// Takes a recording in: looked up, decoded once, stored and verified, recorded with its job.
///
/// A success means: audio durable and verified, call committed, job queued (promise P1). Nothing is
/// left behind by a refusal; a crash leaves at most an object that the sweeper removes.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "domain/call.hpp"
#include "domain/transcript.hpp"
#include "pipeline/services.hpp"
#include "store/calls.hpp"
#include "store/directory.hpp"
#include "store/idempotency.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

struct Caller {
    TenantId tenant;
    std::string name;
    std::string address;
    std::string request_id;
};

/// The words of a call as somebody else has written them down.
struct GivenTranscript {
    Transcript transcript;
    Sha256 sha256{}; // of the file it was read from
};

struct Recording {
    int fd = -1; // spool file; stays open while the coroutine runs
    std::uint64_t bytes = 0;
    Sha256 sha256{};
    const GivenTranscript* given = nullptr; // by which it is judged; stays as the file does
};

struct Ingested {
    CallId call_id;
    std::string filename;
    int duration_seconds = 0;
    std::vector<std::string> flags;
    bool replayed = false;
};

/// Why an upload was refused. `field` names the form field at fault, when one is.
struct Refusal {
    Error error;
    std::string field;
    std::vector<std::string> suggestions; // names close to an unknown one
    std::vector<store::Agent> candidates; // agents sharing the name
    std::optional<CallId> call_id;        // the call that has this external_id
};

class Ingest {
public:
    explicit Ingest(Services services) : services_(std::move(services)) {}

    Task<std::expected<Ingested, Refusal>> run(Caller caller,
                                               NewCall call,
                                               Recording recording,
                                               std::optional<std::string> idempotency_key);

    /// Refuses early, before a body is read, when the store or the queue is full.
    Task<Result<void>> ready_for_upload(TenantId tenant);

private:
    struct Looked;   // identifiers resolved
    struct Accepted; // an upload that may become a call
    struct Records;  // its rows
    Task<std::expected<Looked, Refusal>> look_up(TenantId tenant, const NewCall& call);
    // References are to what run() holds until these have ended.
    Task<std::expected<Ingested, Refusal>> take_in(const Caller& caller,
                                                   Accepted& accepted,
                                                   const Recording& recording,
                                                   std::optional<store::Reservation> reservation);
    Task<std::expected<Ingested, Refusal>> finish(const Caller& caller,
                                                  const Accepted& accepted,
                                                  const Recording& recording,
                                                  std::optional<store::Reservation> reservation);
    Task<std::expected<Ingested, Refusal>> finish_reserved(const Caller& caller,
                                                           Accepted& accepted,
                                                           const Recording& recording,
                                                           const store::Reservation& reservation);
    Task<std::optional<CallId>> stands_for(TenantId tenant, const Records& records);
    Task<Result<void>> keep(const store::CallInsert& insert,
                            const Recording& recording,
                            const providers::BlobKey& key);
    Task<std::expected<void, Refusal>> record(const Caller& caller,
                                              const Records& records,
                                              const std::optional<store::Reservation>& reservation);
    Task<std::expected<void, Refusal>>
    write_records(const Caller& caller,
                  const Records& records,
                  const std::optional<store::Reservation>& reservation);
    Task<std::expected<Ingested, Refusal>>
    replayed(pg::Session& session, TenantId tenant, CallId id);

    Services services_;
};

} // namespace hs::pipeline
