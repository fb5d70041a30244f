/// How providers are doing, as all workers together see it: pauses, the breaker, requests at once.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pg/session.hpp"

namespace hs::store {

/// Whose limit it is.
struct ProviderAccount {
    std::string provider;
    std::string key_id; // which key, at which address
    std::string model;
};

struct Admission {
    enum class Verdict {
        go,
        probe,  // the breaker is open, and this request finds out whether it is over
        paused, // for `wait`
        probed  // somebody else is finding out
    };

    Verdict verdict = Verdict::go;
    std::chrono::seconds wait{0};
    std::optional<double> at_once; // nothing: nobody has been counted yet
    std::string as_of;             // when, by the database's clock
};

/// Whether one more request may go. Who is told `probe` has `probe_time` to note an outcome; then
/// it is another one's turn.
Task<Admission>
admit_request(pg::Session& session, ProviderAccount account, std::chrono::seconds probe_time);

struct RequestOutcome {
    std::string verdict = "neutral"; // good | slow | bad | overload | neutral
    bool probing = false;
    std::string admitted_at; // Admission::as_of of the request
    int first_at_once = 1;
    int most_at_once = 1;
    std::chrono::seconds first_pause{10};
    std::chrono::seconds longest_pause{300};
};

struct BreakerState {
    std::string breaker;                        // closed | open | half_open
    std::optional<std::chrono::seconds> opened; // by this outcome: everybody stays away so long
    double at_once = 1;
};

Task<BreakerState>
note_outcome(pg::Session& session, ProviderAccount account, RequestOutcome outcome);

Task<void>
pause_provider(pg::Session& session, ProviderAccount account, std::chrono::seconds pause);

} // namespace hs::store
