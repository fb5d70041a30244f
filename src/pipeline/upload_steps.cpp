#include "pipeline/upload_steps.hpp"

#include <algorithm>
#include <array>

#include <sys/mman.h>

#include "base/text.hpp"
#include "pipeline/objects.hpp"

namespace hs::pipeline {

namespace {

constexpr int suggestion_pool = 5000;

Refusal refusal(ErrorKind kind, std::string code, std::string message, std::string field) {
    return {Error{kind, std::move(code), std::move(message), std::nullopt},
            std::move(field),
            {},
            {},
            std::nullopt};
}

template <typename Match>
std::size_t best_ranked(const std::vector<Match>& matches) {
    const auto same = [&](const Match& match) { return match.by == matches.front().by; };
    return static_cast<std::size_t>(std::ranges::count_if(matches, same));
}

std::optional<Bytes> sealed(const Key256& key,
                            std::uint32_t key_id,
                            std::string_view context,
                            const std::optional<std::string>& plain) {
    if (!plain) return std::nullopt;
    return seal_field(key, key_id, context, *plain);
}

} // namespace

std::expected<store::Agent, Refusal> choose_agent(const std::vector<store::AgentMatch>& matches) {
    if (matches.empty()) {
        return std::unexpected(refusal(ErrorKind::invalid,
                                       "agent.unknown",
                                       "No agent has this id or name.",
                                       "agent_identifier"));
    }
    const auto count = best_ranked(matches);
    if (count == 1) return matches.front().agent;
    auto ambiguous = refusal(ErrorKind::conflict,
                             "agent.ambiguous",
                             "Several agents have this name; send the employee id.",
                             "agent_identifier");
    for (std::size_t i = 0; i < count; ++i)
        ambiguous.candidates.push_back(matches[i].agent);
    return std::unexpected(std::move(ambiguous));
}

std::expected<store::City, Refusal> choose_city(const std::vector<store::CityMatch>& matches) {
    if (matches.empty()) {
        return std::unexpected(refusal(ErrorKind::invalid,
                                       "city.unknown",
                                       "No city has this id, name or alias.",
                                       "city_identifier"));
    }
    // A name beats an alias of another city; the query ranks aliases before names, so look again.
    for (const auto& match : matches) {
        if (match.by != store::MatchedBy::key) return match.city;
    }
    if (best_ranked(matches) == 1) return matches.front().city;
    return std::unexpected(refusal(ErrorKind::conflict,
                                   "city.ambiguous",
                                   "Several cities have this alias; send the city's id.",
                                   "city_identifier"));
}

Task<std::expected<std::string, Refusal>>
choose_category(pg::Session& session, TenantId tenant, std::string sent, bool strict) {
    const auto category = co_await store::category_named(session, tenant, sent);
    if (category) co_return category->name;
    if (!strict) co_return sent;
    auto unknown =
        refusal(ErrorKind::invalid, "issue.unknown", "No such issue category.", "issue_category");
    const auto names = co_await category_names(session, tenant);
    unknown.suggestions = closest_names(sent, names);
    co_return std::unexpected(std::move(unknown));
}

std::vector<std::string> closest_names(std::string_view wanted,
                                       const std::vector<std::string>& names) {
    const auto key = code_points(name_key(wanted));
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const auto& name : names) {
        const auto folded = code_points(name_key(name));
        auto distance = edit_distance(key, folded);
        if (folded.find(key) != std::u32string::npos) distance = std::min<std::size_t>(distance, 1);
        if (distance * 2 <= std::max(key.size(), std::size_t{4}))
            ranked.emplace_back(distance, name);
    }
    std::ranges::sort(ranked);
    std::vector<std::string> nearest;
    for (const auto& [distance, name] : ranked) {
        if (nearest.size() == 5) break;
        nearest.push_back(name);
    }
    return nearest;
}

Task<std::vector<std::string>> agent_names(pg::Session& session, TenantId tenant) {
    std::vector<std::string> names;
    for (auto& agent :
         co_await store::list_agents(session, tenant, std::nullopt, suggestion_pool)) {
        names.push_back(std::move(agent.name));
    }
    co_return names;
}

Task<std::vector<std::string>> city_names(pg::Session& session, TenantId tenant) {
    std::vector<std::string> names;
    for (auto& city : co_await store::list_cities(session, tenant, std::nullopt, suggestion_pool)) {
        names.push_back(std::move(city.name));
    }
    co_return names;
}

Task<std::vector<std::string>> category_names(pg::Session& session, TenantId tenant) {
    std::vector<std::string> names;
    for (auto& category : co_await store::list_categories(session, tenant)) {
        names.push_back(std::move(category.name));
    }
    co_return names;
}

std::unexpected<Refusal> external_id_exists(CallId known) {
    auto exists = refusal(ErrorKind::conflict,
                          "call.external_id_exists",
                          "A call with this external id is recorded already.",
                          "external_id");
    exists.call_id = known;
    return std::unexpected(std::move(exists));
}

json::object form_json(const NewCall& call) {
    json::object form{{"filename", call.filename},
                      {"agent_identifier", name_key(call.agent_identifier)},
                      {"issue_category", call.issue_category},
                      {"city_identifier", name_key(call.city_identifier)},
                      {"call_context", call.call_context},
                      {"channel_map", call.channel_map},
                      {"language", call.language}};
    const auto add = [&](const char* name, const std::optional<std::string>& value) {
        if (value) form[name] = *value;
    };
    add("customer_name", call.customer_name);
    add("customer_phone", call.customer_phone);
    add("customer_preferred_language", call.customer_preferred_language);
    add("agent_manual_note", call.agent_manual_note);
    add("external_id", call.external_id);
    if (call.call_timestamp) form["call_timestamp"] = rfc3339(*call.call_timestamp);
    if (call.metadata) form["metadata"] = *call.metadata;
    return form;
}

store::CallInsert call_insert(const Caller& caller,
                              const MasterKey& keys,
                              CallId id,
                              Time created_at,
                              const NewCall& call,
                              const AudioFacts& facts) {
    store::CallInsert insert;
    insert.id = id;
    insert.created_at = created_at;
    insert.call = call;
    insert.duration_seconds = facts.duration_ms / 1000;
    insert.flags = audio::media_flags(facts);
    const auto key = keys.tenant_key(caller.tenant);
    insert.customer_name_sealed =
        sealed(key, keys.key_id(), "calls.customer_name:" + id.str(), call.customer_name);
    insert.customer_phone_sealed =
        sealed(key, keys.key_id(), "calls.customer_phone:" + id.str(), call.customer_phone);
    if (call.customer_phone) {
        const auto token =
            hmac_sha256(keys.phone_token_key(caller.tenant), bytes_of(*call.customer_phone));
        insert.phone_token = Bytes(token.begin(), token.end());
    }
    return insert;
}

Result<void> keep_upload(const Services& services,
                         const providers::NewBlob& recording,
                         const std::string& form) {
    auto key = recording.key;
    key.variant = "form";
    key.path = key.path.substr(0, key.path.rfind('.')) + ".form";
    const Fd spool(::memfd_create("form", MFD_CLOEXEC)); // some hundred bytes, sealed on the disk
    TRY_VOID(write_all(spool.get(), bytes_of(form)));
    // The form goes first, so that no recording stands in the store without its metadata.
    const std::array objects = {
        providers::NewBlob{key, spool.get(), form.size(), sha256(bytes_of(form))}, recording};
    return services.blobs.put(objects);
}

queue::NewJob transcribe_job(CallId call) {
    queue::NewJob job;
    job.queue = speech_queue;
    job.kind = transcribe_kind;
    job.subject = call.str();
    job.args = {{"call_id", call.str()}, {"forced", false}};
    job.unique_key = "transcribe:" + call.str();
    return job;
}

queue::NewJob hear_again_job(CallId call, std::optional<TranscriptId> instead_of) {
    auto job = transcribe_job(call);
    job.args["forced"] = true;
    if (instead_of) {
        job.args["instead_of"] = instead_of->str();
        job.unique_key += ":" + instead_of->str();
    }
    return job;
}

} // namespace hs::pipeline
