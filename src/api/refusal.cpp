#include "api/refusal.hpp"

#include "base/json.hpp"

namespace hs::api {

std::string refusal_members(const pipeline::Refusal& refusal) {
    JsonWriter json;
    json.begin_object();
    if (!refusal.suggestions.empty()) {
        json.key("suggestions").begin_array();
        for (const auto& name : refusal.suggestions)
            json.string(name);
        json.end_array();
    }
    if (!refusal.candidates.empty()) {
        json.key("candidates").begin_array();
        for (const auto& agent : refusal.candidates) {
            json.begin_object()
                .field("agent_id", agent.id.str())
                .field("name", agent.name)
                .field("employee_id", agent.employee_id)
                .end_object();
        }
        json.end_array();
    }
    if (refusal.call_id) json.field("call_id", refusal.call_id->str());
    const auto text = json.end_object().take();
    return text.substr(1, text.size() - 2); // members without the braces
}

} // namespace hs::api
