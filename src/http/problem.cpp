// problem+json (RFC 9457): statuses, titles and bodies of everything that goes wrong.
#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "http/message.hpp"

namespace hs::http {

namespace {

struct CodeStatus {
    std::string_view code;
    int status;
};

/// Codes whose status the kind of the error cannot tell.
constexpr std::array code_statuses{
    CodeStatus{"method.not_allowed", 405},
    CodeStatus{"request.timeout", 408},
    CodeStatus{"precondition.failed", 412},
    CodeStatus{"path.too_long", 414},
    CodeStatus{"body.unsupported_type", 415},
    CodeStatus{"range.invalid", 416},
    CodeStatus{"host.unknown", 421},
    CodeStatus{"idempotency.key_reused", 422},
    CodeStatus{"scorecard.invalid", 422},
    CodeStatus{"headers.too_large", 431},
};

struct CodeTitle {
    std::string_view code; // a whole code, or a prefix that ends in "."
    std::string_view title;
};

/// First match wins, so single codes stand before their prefix.
constexpr std::array code_titles{
    CodeTitle{"request.invalid", "The request is not valid"},
    CodeTitle{"request.malformed", "The request is not valid HTTP"},
    CodeTitle{"request.timeout", "The request took too long"},
    CodeTitle{"field.required", "A required field is missing"},
    CodeTitle{"field.choice", "A field has a value that is not offered"},
    CodeTitle{"field.unknown", "A field is not known"},
    CodeTitle{"field.too_large", "A field is too long"},
    CodeTitle{"field.", "A field is not valid"},
    CodeTitle{"query.repeated", "A query parameter is repeated"},
    CodeTitle{"query.unknown", "A query parameter is not known"},
    CodeTitle{"query.", "The query is not valid"},
    CodeTitle{"path.too_long", "The address is too long"},
    CodeTitle{"path.", "The address is not valid"},
    CodeTitle{"timestamp.", "A time is not valid"},
    CodeTitle{"json.", "The body is not valid JSON"},
    CodeTitle{"multipart.", "The form is not valid"},
    CodeTitle{"cursor.", "The cursor is not valid"},
    CodeTitle{"phone.", "The phone number is not valid"},
    CodeTitle{"audio.unsupported_format", "The audio format is not supported"},
    CodeTitle{"audio.too_short", "The recording is too short"},
    CodeTitle{"audio.too_long", "The recording is too long"},
    CodeTitle{"audio.empty", "The recording is empty"},
    CodeTitle{"audio.", "The recording cannot be used"},
    CodeTitle{"agent.unknown", "The agent is not known"},
    CodeTitle{"agent.ambiguous", "The agent's name is not unique"},
    CodeTitle{"agent.not_found", "Agent not found"},
    CodeTitle{"city.unknown", "The city is not known"},
    CodeTitle{"city.ambiguous", "The city's name is not unique"},
    CodeTitle{"city.not_found", "City not found"},
    CodeTitle{"state.not_found", "State not found"},
    CodeTitle{"job.not_found", "Job not found"},
    CodeTitle{"job.not_dead", "The job is not dead"},
    CodeTitle{"job.requeued", "The job was queued again before"},
    CodeTitle{"issue.unknown", "The issue category is not known"},
    CodeTitle{"call.none_in_window", "No calls in this period"},
    CodeTitle{"call.external_id_exists", "A call with this external id exists"},
    CodeTitle{"call.legal_hold", "The call is under a legal hold"},
    CodeTitle{"call.not_analyzed", "The call is not analysed yet"},
    CodeTitle{"escalation.not_found", "Escalation not found"},
    CodeTitle{"escalation.state", "The escalation is in another state"},
    CodeTitle{"evaluation.not_found", "Evaluation not found"},
    CodeTitle{"override.not_found", "Override not found"},
    CodeTitle{"scorecard.invalid", "The scorecard is not valid"},
    CodeTitle{"scorecard.not_found", "Scorecard not found"},
    CodeTitle{"scorecard.version_not_found", "Scorecard version not found"},
    CodeTitle{"scorecard.exists", "The scorecard exists"},
    CodeTitle{"scorecard.state", "The scorecard is in another state"},
    CodeTitle{"run.not_found", "Evaluation run not found"},
    CodeTitle{"run.state", "The evaluation run is in another state"},
    CodeTitle{"run.no_calls", "No calls are meant"},
    CodeTitle{"run.too_many", "Too many calls are meant"},
    CodeTitle{"call.not_found", "Call not found"},
    CodeTitle{"feedback.agent_mismatch", "The call belongs to another agent"},
    CodeTitle{"auth.required", "Authentication is needed"},
    CodeTitle{"auth.invalid", "The credentials are not valid"},
    CodeTitle{"auth.expired", "The credentials have expired"},
    CodeTitle{"auth.forbidden", "This is not permitted"},
    CodeTitle{"origin.refused", "The request comes from another site"},
    CodeTitle{"proxy.refused", "Requests through a proxy are refused"},
    CodeTitle{"host.unknown", "This host name is not served here"},
    CodeTitle{"route.not_found", "Not Found"},
    CodeTitle{"method.not_allowed", "Method Not Allowed"},
    CodeTitle{"idempotency.in_progress", "The first request with this key is still running"},
    CodeTitle{"idempotency.key_reused", "The idempotency key belongs to another request"},
    CodeTitle{"precondition.failed", "The resource has changed"},
    CodeTitle{"range.invalid", "The range cannot be served"},
    CodeTitle{"body.too_large", "The body is too large"},
    CodeTitle{"body.unsupported_type", "The body's type is not supported"},
    CodeTitle{"headers.too_large", "The headers are too large"},
    CodeTitle{"rate.limited", "Too many requests"},
    CodeTitle{"quota.exceeded", "The quota is used up"},
    CodeTitle{"internal", "Internal error"},
    CodeTitle{"analysis.failed", "The analysis failed"},
    CodeTitle{"database.unavailable", "The database is unavailable"},
    CodeTitle{"queue.full", "The queue is full"},
    CodeTitle{"storage.unavailable", "The storage is unavailable"},
    CodeTitle{"storage.full", "The storage is full"},
    CodeTitle{"provider.unavailable", "A provider is unavailable"},
    CodeTitle{"server.draining", "The server is shutting down"},
    CodeTitle{"server.overloaded", "The server is overloaded"},
};

std::string_view title_of_status(int status) {
    switch (status) {
    case 400: return "The request is not valid";
    case 401: return "Authentication is needed";
    case 403: return "This is not permitted";
    case 404: return "Not Found";
    case 409: return "The request conflicts with the present state";
    case 413: return "The body is too large";
    case 429: return "Too many requests";
    case 502: return "A provider failed";
    case 503: return "Temporarily unavailable";
    default: return status < 500 ? "The request cannot be served" : "Internal error";
    }
}

/// The code all entries share, else that of the error itself.
std::string_view common_code(const Error& error, const std::vector<FieldError>& errors) {
    if (errors.empty()) return error.code;
    const auto& first = errors.front().code;
    const bool shared = std::ranges::all_of(errors, [&](const auto& e) { return e.code == first; });
    return shared ? std::string_view(first) : std::string_view("request.invalid");
}

void write_errors(JsonWriter& json, const std::vector<FieldError>& errors) {
    json.key("errors").begin_array();
    for (const auto& entry : errors) {
        json.begin_object();
        json.field("field", std::string_view(entry.field));
        json.field("code", std::string_view(entry.code));
        json.field("message", std::string_view(entry.message));
        json.end_object();
    }
    json.end_array();
}

} // namespace

int status_of(const Error& error) {
    const auto found = std::ranges::find(code_statuses, error.code, &CodeStatus::code);
    return found == code_statuses.end() ? http_status(error.kind) : found->status;
}

std::string_view title_of(std::string_view code, int status) {
    for (const auto& entry : code_titles) {
        const bool prefix = entry.code.back() == '.';
        if (prefix ? code.starts_with(entry.code) : code == entry.code) return entry.title;
    }
    return title_of_status(status);
}

Response problem(const Request& request,
                 const Error& error,
                 const std::vector<FieldError>& errors,
                 std::string extra_json) {
    Response response;
    response.status = status_of(error);
    response.content_type = "application/problem+json";
    auto code = common_code(error, errors);
    std::string_view detail = error.message;
    if (response.status == 500) {
        // What went wrong inside is for the log only; the request id joins the two.
        request.log.error("request.failed", {{"code", error.code}, {"error", error.message}});
        code = "internal";
        detail = "Something went wrong on this server. The log has more under the request id.";
    }
    JsonWriter json;
    json.begin_object();
    json.field("type", std::string_view("/problems/" + std::string(code)));
    json.field("title", title_of(code, response.status));
    json.field("status", response.status);
    json.field("detail", detail);
    json.field("code", code);
    json.field("request_id", std::string_view(request.request_id));
    if (!errors.empty()) write_errors(json, errors);
    json.end_object();
    response.body = json.take();
    if (!extra_json.empty()) {
        response.body.pop_back();
        response.body += ',' + extra_json + '}';
    }
    if (error.retry_after)
        response.headers.emplace_back("Retry-After", std::to_string(error.retry_after->count()));
    if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

} // namespace hs::http
