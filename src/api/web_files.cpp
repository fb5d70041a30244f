#include "api/web_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "api/problem_page.hpp"
#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "http/gzip.hpp"

namespace hs::api {

namespace {

namespace fs = std::filesystem;

// What the build writes where the nonce of a reply belongs (web/vite.config.ts).
constexpr std::string_view nonce_mark = "__CSP_NONCE__";
constexpr std::string_view hashed_folder = "/assets/";

constexpr std::string_view no_build_page =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>HackSmart</title>\n</head>\n"
    "<body>\n<h1>HackSmart</h1>\n"
    "<p>The server works. The dashboard has not been built.</p>\n"
    "<p>In the folder of the project: <code>scripts/build-web</code>, then start the server "
    "again. <code>WEB_DIR</code> names another folder.</p>\n"
    "<p>Without it: <a href=\"/docs\">the API</a>, <a href=\"/openapi.yaml\">its contract</a>, "
    "<a href=\"/health\">health</a>.</p>\n</body>\n</html>\n";

std::string type_of(const fs::path& file) {
    static const std::map<std::string, std::string, std::less<>> types = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"}};
    const auto found = types.find(file.extension().string());
    return found == types.end() ? "application/octet-stream" : found->second;
}

/// Paths of the server itself: an unknown one below them is never the dashboard's.
bool is_of_the_server(std::string_view path) {
    constexpr std::array<std::string_view, 13> roots = {"/api",
                                                        "/config",
                                                        "/ingest",
                                                        "/db",
                                                        "/docs",
                                                        "/redoc",
                                                        "/problems",
                                                        "/openapi.",
                                                        "/metrics",
                                                        "/livez",
                                                        "/readyz",
                                                        "/health",
                                                        "/version"};
    return std::ranges::any_of(roots, [&](std::string_view root) {
        return path.starts_with(root) &&
               (root.ends_with('.') || path.size() == root.size() || path[root.size()] == '/');
    });
}

std::string policy(std::string_view nonce) {
    return fmt::format("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; "
                       "img-src 'self' data:; font-src 'self'; media-src 'self'; "
                       "connect-src 'self'; worker-src 'self'; form-action 'self'; "
                       "base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
                       nonce);
}

std::string with_nonce(std::string_view page, std::string_view nonce) {
    std::string out;
    out.reserve(page.size());
    std::size_t from = 0;
    for (auto at = page.find(nonce_mark); at != std::string_view::npos;
         at = page.find(nonce_mark, from)) {
        out.append(page.substr(from, at - from)).append(nonce);
        from = at + nonce_mark.size();
    }
    return out.append(page.substr(from));
}

http::Response html(std::string body) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers = {{"Cache-Control", "no-store"}};
    response.body = std::move(body);
    return response;
}

Task<http::Response> dashboard(const Context& context, http::Request request) {
    co_return context.web.answer(request);
}

} // namespace

Result<WebFiles> WebFiles::load(const fs::path& folder) {
    WebFiles web;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto& path = entry->path();
        if (!entry->is_regular_file() || path.extension() == ".gz") continue;
        File file;
        file.content_type = type_of(path);
        TRY(file.body, read_file(path));
        const fs::path beside = path.string() + ".gz";
        if (fs::exists(beside)) {
            TRY(file.packed, read_file(beside));
        }
        file.tag = sha256_hex(file.body).substr(0, 32);
        web.files_.emplace("/" + path.lexically_relative(folder).generic_string(), std::move(file));
    }
    if (error)
        return fail(ErrorKind::invalid, "web.missing", folder.string() + ": " + error.message());
    const auto index = web.files_.find("/index.html");
    if (index == web.files_.end())
        return fail(ErrorKind::not_found, "web.missing", folder.string() + " has no index.html");
    web.page_ = std::move(index->second.body);
    web.files_.erase(index); // every page carries a nonce of its own
    return web;
}

http::Response WebFiles::answer(const http::Request& request) const {
    const std::string_view path = request.path;
    if (const auto found = files_.find(path); found != files_.end())
        return file_reply(request, path, found->second);
    const bool known = path == "/" || path == "/index.html";
    const bool asks_for_page = prefers_html(request.header("accept").value_or(""));
    if (path.starts_with(hashed_folder) || is_of_the_server(path) || (!known && !asks_for_page))
        return http::problem(
            request, Error{ErrorKind::not_found, "route.not_found", "Not Found", std::nullopt});
    return page();
}

http::Response
WebFiles::file_reply(const http::Request& request, std::string_view path, const File& file) {
    http::Response response;
    response.content_type = file.content_type;
    const bool packed =
        !file.packed.empty() && http::accepts_gzip(request.header("accept-encoding").value_or(""));
    response.headers = {
        {"Cache-Control",
         path.starts_with(hashed_folder) ? "public, max-age=31536000, immutable" : "no-cache"},
        {"ETag", fmt::format("\"{}{}\"", file.tag, packed ? "-gz" : "")},
        {"Vary", "Accept-Encoding"}};
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = packed ? file.packed : file.body;
    return response;
}

http::Response WebFiles::page() const {
    if (page_.empty()) return html(std::string(no_build_page));
    std::array<std::uint8_t, 16> random{};
    random_bytes(random);
    const auto nonce = base64url(random);
    auto response = html(with_nonce(page_, nonce));
    response.headers.emplace_back("Content-Security-Policy", policy(nonce));
    return response;
}

void add_dashboard_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/{path*}",
                .permission = "open",
                .handler = [&context](http::Request request) {
                    return dashboard(context, std::move(request));
                }});
}

} // namespace hs::api
