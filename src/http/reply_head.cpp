#include "http/reply_head.hpp"

#include <algorithm>
#include <ctime>

#include "base/text.hpp"

namespace hs::http {

namespace {

// One policy for every page of ours; a page with a style nonce sets its own header.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'";
constexpr std::string_view no_features =
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), usb=()";

std::string_view reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    default: return "Status";
    }
}

std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[40];
    const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return {text, size};
}

bool has_header(const Response& response, std::string_view name) {
    return std::ranges::any_of(response.headers,
                               [&](const auto& h) { return iequals_ascii(h.first, name); });
}

void add_missing(Response& response, std::string_view name, std::string_view value) {
    if (!has_header(response, name)) response.headers.emplace_back(name, value);
}

/// A value from a handler must never start a line of its own.
void append_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    for (const char c : value)
        if (const auto byte = static_cast<unsigned char>(c); byte >= 0x20 || c == '\t') out += c;
    out += "\r\n";
}

bool has_no_body(int status) {
    return status == 204 || status == 304;
}

} // namespace

void add_default_headers(const Request& request, Response& response) {
    response.headers.emplace_back("X-Request-Id", request.request_id);
    add_missing(response, "Cache-Control", "no-store");
    add_missing(response, "X-Content-Type-Options", "nosniff");
    add_missing(response, "Referrer-Policy", "no-referrer");
    add_missing(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_missing(response, "Permissions-Policy", no_features);
    if (response.content_type.starts_with("text/html")) {
        add_missing(response, "Content-Security-Policy", page_policy);
        add_missing(response, "Cross-Origin-Opener-Policy", "same-origin");
    }
}

std::string
reply_head(const Response& response, std::optional<std::uint64_t> length, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    out.append(reason(response.status)).append("\r\n");
    append_line(out, "Date", http_date());
    if (!has_no_body(response.status)) {
        if (!response.content_type.empty()) append_line(out, "Content-Type", response.content_type);
        if (length)
            append_line(out, "Content-Length", std::to_string(*length));
        else
            append_line(out, "Transfer-Encoding", "chunked");
    }
    for (const auto& [name, value] : response.headers)
        append_line(out, name, value);
    if (!keep_alive) append_line(out, "Connection", "close");
    out += "\r\n";
    return out;
}

} // namespace hs::http
