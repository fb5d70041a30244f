#include "http/local_rules.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace hs::http {

namespace {

bool is_proxy_header(std::string_view name) {
    return name == "forwarded" || name == "via" || name.starts_with("x-forwarded-");
}

bool is_write(Method method) {
    return method != Method::get && method != Method::head && method != Method::options;
}

bool is_our_host(std::string_view host, std::uint16_t port) {
    const std::string suffix = ":" + std::to_string(port);
    if (host.ends_with(suffix))
        host.remove_suffix(suffix.size());
    else if (port != 80)
        return false;
    return iequals_ascii(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

/// Same origin: the page was served under the very Host it now calls.
bool origin_may_write(const Request& request, const Cors& cors) {
    if (const auto origin = request.header("origin")) {
        const auto own = "http://" + std::string(request.header("host").value_or(""));
        return iequals_ascii(*origin, own) || cors.lists(*origin);
    }
    const auto site = request.header("sec-fetch-site");
    return !site || *site == "same-origin";
}

} // namespace

std::optional<Error> local_refusal(const Request& request, std::uint16_t port, const Cors& cors) {
    if (std::ranges::any_of(request.headers,
                            [](const auto& h) { return is_proxy_header(h.first); }))
        return Error{ErrorKind::forbidden,
                     "proxy.refused",
                     "This server runs in local mode: behind a proxy, configure authentication.",
                     std::nullopt};
    if (!is_our_host(request.header("host").value_or(""), port))
        return Error{ErrorKind::invalid,
                     "host.unknown",
                     "In local mode the host must be localhost, 127.0.0.1 or [::1] with our port.",
                     std::nullopt};
    if (is_write(request.method) && !origin_may_write(request, cors))
        return Error{ErrorKind::forbidden,
                     "origin.refused",
                     "Writes from pages of other origins are refused.",
                     std::nullopt};
    return std::nullopt;
}

} // namespace hs::http
