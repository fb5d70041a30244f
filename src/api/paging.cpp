#include "api/paging.hpp"

#include <charconv>

#include <fmt/format.h>

#include "api/cursor.hpp"

namespace hs::api {

namespace {

constexpr int largest_page = 200;

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

/// The request's own parameters again, so that the next page is of the same list.
std::string other_parameters(const http::Request& request) {
    std::string out;
    for (const auto& [name, value] : request.query) {
        if (name == "limit" || name == "cursor") continue;
        out += percent_encoded(name) + "=" + percent_encoded(value) + "&";
    }
    return out;
}

} // namespace

Result<Page> page_of(const Context& context,
                     const http::Request& request,
                     std::string_view scope,
                     std::size_t parts) {
    Page page;
    if (const auto limit = request.query_value("limit")) {
        page.asked = true;
        const auto [end, error] =
            std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
        const bool whole = error == std::errc{} && end == limit->data() + limit->size();
        if (!whole || page.limit < 1 || page.limit > largest_page) {
            return fail(ErrorKind::invalid, "query.range", "limit: 1 to 200.");
        }
    }
    if (const auto cursor = request.query_value("cursor")) {
        page.asked = true;
        TRY(page.after, read_cursor(context.services.keys.cursor_key(), scope, *cursor));
        if (page.after->size() != parts) {
            return fail(
                ErrorKind::invalid, "cursor.invalid", "This cursor belongs to no such list.");
        }
    }
    return page;
}

std::string add_next_page(const Context& context,
                          const http::Request& request,
                          std::string_view scope,
                          const Page& page,
                          const std::vector<std::string>& last,
                          http::Response& response) {
    auto cursor = make_cursor(context.services.keys.cursor_key(), scope, last);
    response.headers.emplace_back("Link",
                                  fmt::format("<{}?{}limit={}&cursor={}>; rel=\"next\"",
                                              request.path,
                                              other_parameters(request),
                                              page.limit,
                                              cursor));
    return cursor;
}

} // namespace hs::api
