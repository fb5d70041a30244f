#include "http/cors.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hs::http {

namespace {

constexpr std::array<std::string_view, 17> request_headers{"Authorization",
                                                           "Content-Type",
                                                           "Idempotency-Key",
                                                           "If-Match",
                                                           "If-None-Match",
                                                           "Prefer",
                                                           "Range",
                                                           "X-Request-Id",
                                                           "Last-Event-ID",
                                                           "Tus-Resumable",
                                                           "Upload-Checksum",
                                                           "Upload-Concat",
                                                           "Upload-Defer-Length",
                                                           "Upload-Length",
                                                           "Upload-Metadata",
                                                           "Upload-Offset",
                                                           "If-Range"};
constexpr std::string_view methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr std::string_view exposed =
    "ETag, Link, Location, Retry-After, X-Request-Id, Preference-Applied, Idempotency-Replayed, "
    "Content-Range, Accept-Ranges, X-As-Of";

/// Those of the asked headers that are known, in our spelling.
std::string granted_headers(std::string_view asked) {
    std::string granted;
    for (const auto piece : split(asked, ',')) {
        const auto name = trim(piece);
        const auto known = std::ranges::find_if(
            request_headers, [&](std::string_view h) { return iequals_ascii(h, name); });
        if (known == request_headers.end()) continue;
        if (!granted.empty()) granted += ", ";
        granted += *known;
    }
    return granted;
}

} // namespace

Cors::Cors(std::vector<std::string> allowed_origins) : allowed_(std::move(allowed_origins)) {
    any_ = std::erase(allowed_, "*") > 0;
}

bool Cors::lists(std::string_view origin) const {
    return std::ranges::find(allowed_, origin) != allowed_.end();
}

void Cors::apply(const Request& request, Response& response) const {
    if (!any_ && allowed_.empty()) return;
    // Caches must not give one origin's reply to another.
    if (!allowed_.empty()) response.headers.emplace_back("Vary", "Origin");
    const auto origin = request.header("origin");
    if (!origin || !allows(*origin)) return;
    const bool listed = lists(*origin);
    response.headers.emplace_back("Access-Control-Allow-Origin",
                                  any_ ? std::string("*") : std::string(*origin));
    if (listed && !any_) response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
    response.headers.emplace_back("Access-Control-Expose-Headers", std::string(exposed));
}

bool Cors::is_preflight(const Request& request) {
    return request.method == Method::options && request.header("origin") &&
           request.header("access-control-request-method");
}

Response Cors::preflight(const Request& request) const {
    Response response;
    response.status = 204;
    if (!allows(request.header("origin").value_or(""))) return response;
    response.headers.emplace_back("Access-Control-Allow-Methods", std::string(methods));
    const auto asked = request.header("access-control-request-headers").value_or("");
    if (auto granted = granted_headers(asked); !granted.empty())
        response.headers.emplace_back("Access-Control-Allow-Headers", std::move(granted));
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    return response;
}

} // namespace hs::http
