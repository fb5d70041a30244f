#include "store/provider_state.hpp"

#include <cmath>

#include "base/json.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

using std::chrono::seconds;

Admission::Verdict verdict_of(std::string_view word) {
    if (word == "go") return Admission::Verdict::go;
    if (word == "probe") return Admission::Verdict::probe;
    return word == "probed" ? Admission::Verdict::probed : Admission::Verdict::paused;
}

seconds whole(double time) {
    return seconds(static_cast<std::int64_t>(std::ceil(time)));
}

std::string text_of(const RequestOutcome& outcome) {
    return json::serialize(json::object{{"verdict", outcome.verdict},
                                        {"probing", outcome.probing},
                                        {"admitted_at", outcome.admitted_at},
                                        {"first_at_once", outcome.first_at_once},
                                        {"most_at_once", outcome.most_at_once},
                                        {"first_pause", outcome.first_pause.count()},
                                        {"longest_pause", outcome.longest_pause.count()}});
}

} // namespace

Task<Admission> admit_request(pg::Session& session, ProviderAccount account, seconds probe_time) {
    auto values = pg::params(
        account.provider, account.key_id, account.model, static_cast<double>(probe_time.count()));
    const auto rows = co_await session.run(sql::admit_provider_request, std::move(values));
    const auto row = rows.front();
    Admission admission;
    admission.verdict = verdict_of(row.view("verdict"));
    admission.wait = whole(row.real("wait_seconds"));
    admission.at_once = row.optional_real("at_once");
    admission.as_of = row.text("as_of");
    co_return admission;
}

Task<BreakerState>
note_outcome(pg::Session& session, ProviderAccount account, RequestOutcome outcome) {
    auto values = pg::params(account.provider, account.key_id, account.model, text_of(outcome));
    const auto rows = co_await session.run(sql::note_provider_outcome, std::move(values));
    const auto row = rows.front();
    BreakerState state;
    state.breaker = row.text("breaker");
    if (const auto opened = row.optional_real("opened_seconds")) state.opened = whole(*opened);
    state.at_once = row.real("at_once");
    co_return state;
}

Task<void> pause_provider(pg::Session& session, ProviderAccount account, seconds pause) {
    auto values = pg::params(
        account.provider, account.key_id, account.model, static_cast<double>(pause.count()));
    co_await session.run(sql::pause_provider, std::move(values));
}

} // namespace hs::store
