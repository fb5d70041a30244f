#include "pipeline/journaled_exchange.hpp"

#include <algorithm>

#include "pipeline/provider_lane.hpp"

namespace hs::pipeline {

namespace {

std::string seal_context(const std::string& fingerprint) {
    return "provider_calls.reply:" + fingerprint;
}

pg::Scope scope_of(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

/// Larger figures are a provider's mistake, and would not fit their column.
constexpr double largest_figure = 999'999;
constexpr double most_tokens = 1e9;
constexpr std::size_t most_members = 16;

/// A member of a usage report under either of its usual names; 0 when there is none.
double number_of(const json::object& usage, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        const auto* value = usage.if_contains(name);
        if (value != nullptr && value->is_number())
            return std::max(0.0, value->to_number<double>());
    }
    return 0;
}

std::int64_t tokens_of(const json::object& usage, std::initializer_list<std::string_view> names) {
    return static_cast<std::int64_t>(std::min(most_tokens, number_of(usage, names)));
}

/// As the provider's adapter understood it, else as the report says in its usual names.
providers::Consumption consumed_of(const providers::Reading& reading) {
    auto out = reading.consumed;
    const auto most = static_cast<std::int64_t>(most_tokens);
    out.tokens_in = std::clamp<std::int64_t>(out.tokens_in, 0, most);
    out.tokens_out = std::clamp<std::int64_t>(out.tokens_out, 0, most);
    if (out.tokens_in == 0)
        out.tokens_in = tokens_of(reading.usage, {"input_tokens", "prompt_tokens"});
    if (out.tokens_out == 0)
        out.tokens_out = tokens_of(reading.usage, {"output_tokens", "completion_tokens"});
    if (out.cost_usd == 0) out.cost_usd = number_of(reading.usage, {"cost"});
    out.cost_usd = std::min(out.cost_usd, largest_figure);
    return out;
}

/// The figures of a report. Its texts are the provider's to choose and stay out of the database.
json::object figures_of(const json::object& usage) {
    json::object out;
    for (const auto& member : usage) {
        if (!member.value().is_number() || out.size() == most_members) continue;
        if (member.key().size() > 64 || member.key().find('\0') != std::string_view::npos) continue;
        out[member.key()] = member.value();
    }
    return out;
}

} // namespace

Task<Result<InboundReply>> JournaledExchange::send(providers::ProviderRequest request) {
    if (!request.keep) co_return co_await look(std::move(request));
    if (auto body = co_await kept_reply(request.fingerprint)) {
        gate_.parts_.metrics
            .counter("hacksmart_provider_journal_hits_total",
                     "Requests answered by a kept reply",
                     {{"provider", request.provider}, {"model", request.model}})
            .add();
        InboundReply reply;
        reply.status = 200;
        reply.body = *std::move(body);
        co_return reply;
    }
    co_return co_await pay(std::move(request));
}

/// Asks how something stands, which costs nothing.
Task<Result<InboundReply>> JournaledExchange::look(providers::ProviderRequest request) {
    const auto permit = co_await gate_.admit(request);
    if (!permit) co_return std::unexpected(permit.error());
    co_return co_await gate_.send(*permit, std::move(request));
}

/// A place first, so that no money is set aside while others are waited for.
Task<Result<InboundReply>> JournaledExchange::pay(providers::ProviderRequest request) {
    const auto permit = co_await gate_.admit(request);
    if (!permit) co_return std::unexpected(permit.error());
    auto* const ledger = gate_.parts_.ledger;
    Kept kept;
    kept.fresh = true;
    kept.permit = *permit;
    if (ledger != nullptr) {
        auto reserved = co_await ledger->reserve(purpose_, request);
        if (!reserved) {
            co_await gate_.withdraw(*permit);
            co_return std::unexpected(std::move(reserved).error());
        }
        kept.reservation = *reserved;
    }
    // Without the audio: what the journal needs of a request that is gone once it is sent.
    providers::ProviderRequest facts;
    facts.provider = request.provider;
    facts.model = request.model;
    facts.fingerprint = request.fingerprint;
    auto reply = co_await gate_.send(*permit, std::move(request));
    if (reply && reply->status >= 200 && reply->status <= 299) {
        co_await keep(facts, reply->body, std::move(kept));
    } else if (kept.reservation) {
        co_await ledger->release(purpose_, *kept.reservation);
    }
    co_return reply;
}

Task<std::optional<std::string>> JournaledExchange::kept_reply(std::string fingerprint) {
    const auto unit = gate_.parts_.database.unit(scope_of(tenant_));
    const auto kept = co_await store::journaled_reply(*unit, tenant_, fingerprint);
    if (!kept) co_return std::nullopt;
    auto body = open_field(
        gate_.parts_.keys.tenant_key(tenant_), seal_context(fingerprint), kept->reply_sealed);
    if (!body) {
        gate_.parts_.log.error("provider.journal_unreadable", {{"error", body.error().code}});
        co_return std::nullopt;
    }
    kept_[fingerprint] = {kept->run, false, std::nullopt, nullptr};
    co_return *std::move(body);
}

Task<void>
JournaledExchange::keep(const providers::ProviderRequest& request, std::string body, Kept kept) {
    const auto& keys = gate_.parts_.keys;
    store::ReplyInsert reply;
    reply.request_hash = request.fingerprint;
    reply.provider = request.provider;
    reply.model = request.model;
    reply.subject = purpose_.subject;
    reply.reply_sealed = seal_field(
        keys.tenant_key(tenant_), keys.key_id(), seal_context(request.fingerprint), body);
    reply.latency = std::chrono::duration_cast<std::chrono::milliseconds>(kept.permit->took);
    reply.reservation = kept.reservation;
    const auto unit = gate_.parts_.database.unit(scope_of(tenant_));
    kept.run = co_await store::journal_reply(*unit, tenant_, std::move(reply));
    kept_[request.fingerprint] = std::move(kept);
}

Task<void> JournaledExchange::read(const providers::ProviderRequest& request,
                                   providers::Reading reading) {
    const auto found = kept_.find(request.fingerprint);
    if (found == kept_.end()) co_return;
    const auto kept = found->second;
    auto consumed = consumed_of(reading);
    consumed.audio_seconds = request.expected.audio_seconds;
    if (reading.sound && kept.fresh) count(request, consumed);
    if (gate_.parts_.ledger != nullptr && (kept.fresh || kept.run > 0)) {
        auto* const ledger = gate_.parts_.ledger;
        co_await ledger->settle(purpose_, kept.reservation, kept.run, request, consumed);
    }
    if (kept.permit) co_await gate_.read(kept.permit, reading.sound);
    found->second.permit = nullptr;
    if (kept.run == 0) co_return; // kept and settled by another job, or the call is gone
    store::ProviderCallOutcome outcome;
    outcome.request_hash = request.fingerprint;
    outcome.run = kept.run;
    outcome.sound = reading.sound;
    outcome.usage_json = json::serialize(figures_of(reading.usage));
    outcome.cost_usd = consumed.cost_usd;
    if (const auto* ledger = gate_.parts_.ledger) {
        const auto cost = ledger->prices().cost(request.provider, request.model, consumed);
        outcome.cost_usd = std::min(largest_figure, cost.value_or(0));
    }
    const auto unit = gate_.parts_.database.unit(scope_of(tenant_));
    co_await store::settle_provider_call(*unit, tenant_, std::move(outcome));
}

void JournaledExchange::count(const providers::ProviderRequest& request,
                              const providers::Consumption& consumed) {
    const auto add = [&](const char* direction, std::int64_t tokens) {
        if (tokens <= 0) return;
        gate_.parts_.metrics
            .counter("hacksmart_provider_tokens_total",
                     "Tokens as providers report them",
                     {{"provider", request.provider},
                      {"model", request.model},
                      {"direction", direction}})
            .add(static_cast<std::uint64_t>(tokens));
    };
    add("in", consumed.tokens_in);
    add("out", consumed.tokens_out);
}

} // namespace hs::pipeline
