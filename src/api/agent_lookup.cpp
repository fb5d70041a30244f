#include "api/agent_lookup.hpp"

#include "api/context.hpp"
#include "base/json.hpp"
#include "pipeline/upload_steps.hpp"

namespace hs::api {

namespace {

std::string candidates_member(const std::vector<store::Agent>& candidates) {
    JsonWriter json;
    json.begin_array();
    for (const auto& agent : candidates) {
        json.begin_object().field("agent_id", agent.id.str()).field("name", agent.name);
        json.field("employee_id", agent.employee_id).end_object();
    }
    return "\"candidates\":" + json.end_array().take();
}

} // namespace

Task<std::expected<store::Agent, http::Response>>
agent_named(pg::Session& session, const http::Request& request, std::string identifier) {
    const auto matches =
        co_await store::agents_named(session, request.principal.tenant, identifier);
    auto agent = pipeline::choose_agent(matches);
    if (agent) co_return *std::move(agent);
    const auto& refusal = agent.error();
    if (refusal.error.kind != ErrorKind::conflict)
        co_return std::unexpected(http::problem(request, agent_not_found(identifier)));
    co_return std::unexpected(
        http::problem(request, refusal.error, {}, candidates_member(refusal.candidates)));
}

} // namespace hs::api
