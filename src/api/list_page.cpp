#include "api/list_page.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/cursor.hpp"
#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr int largest_page = 200;

/// Of a query's value: everything but unreserved characters.
std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

} // namespace

Result<int> whole_number(
    const http::Request& request, std::string_view name, int fallback, int least, int most) {
    const auto text = request.query_value(name);
    if (!text) return fallback;
    int value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    const bool whole = error == std::errc{} && end == text->data() + text->size();
    if (!whole || value < least || value > most) {
        return fail(
            ErrorKind::invalid, "query.range", fmt::format("{}: {} to {}.", name, least, most));
    }
    return value;
}

Result<bool> switched_on(const http::Request& request, std::string_view name) {
    const auto text = request.query_value(name);
    if (!text || *text == "false" || *text == "0") return false;
    if (*text == "true" || *text == "1") return true;
    return fail(ErrorKind::invalid, "query.choice", fmt::format("{}: true or false.", name));
}

Result<std::vector<std::string>> asked_fields(const http::Request& request,
                                              std::span<const std::string_view> members) {
    std::vector<std::string> fields;
    const auto value = request.query_value("fields");
    if (!value) return fields;
    for (const auto part : split(*value, ',')) {
        if (std::ranges::find(members, part) == members.end())
            return fail(ErrorKind::invalid,
                        "query.choice",
                        fmt::format("fields: of {}.", fmt::join(members, ", ")));
        fields.emplace_back(part);
    }
    return fields;
}

Result<std::string> asked_order(const http::Request& request,
                                std::span<const std::string_view> names,
                                std::string_view fallback) {
    const auto order = request.query_value("sort").value_or(fallback);
    const auto name = order.starts_with('-') ? order.substr(1) : order;
    if (std::ranges::find(names, name) == names.end())
        return fail(ErrorKind::invalid,
                    "query.choice",
                    fmt::format("sort: {}, with - for descending.", fmt::join(names, ", ")));
    return std::string(order);
}

Result<ListPage> list_page(const Context& context,
                           const http::Request& request,
                           std::string_view scope,
                           std::size_t items,
                           int cap) {
    ListPage page;
    const auto cursor = request.query_value("cursor");
    page.asked = cursor || request.query_value("limit");
    TRY(page.limit,
        whole_number(request, "limit", page.asked ? 50 : cap, 1, page.asked ? largest_page : cap));
    if (!cursor) return page;
    TRY(page.after, read_cursor(context.services.keys.cursor_key(), scope, *cursor));
    if (page.after->size() != items) {
        return fail(ErrorKind::invalid, "cursor.invalid", "This cursor belongs to no such list.");
    }
    return page;
}

std::optional<store::HistoryPlace> history_place(const ListPage& page) {
    if (!page.after) return std::nullopt;
    const auto time = parse_rfc3339(page.after->at(0));
    const auto id = Uuid::parse(page.after->at(1));
    if (!time || !id) return std::nullopt;
    return store::HistoryPlace{*time, *id};
}

std::string exact_time(Time time) {
    const auto part = std::chrono::duration_cast<std::chrono::microseconds>(
        time - std::chrono::floor<std::chrono::seconds>(time));
    auto text = rfc3339(std::chrono::floor<std::chrono::seconds>(time));
    return text.replace(text.find('.') + 1, 3, fmt::format("{:06}", part.count()));
}

std::string list_scope(const http::Request& request) {
    auto narrowing = request.query;
    std::erase_if(narrowing, [](const auto& parameter) {
        return parameter.first == "limit" || parameter.first == "cursor" ||
               parameter.first == "count" || parameter.first == "fields";
    });
    std::ranges::sort(narrowing);
    auto scope = request.path;
    for (const auto& [name, value] : narrowing)
        scope += '\n' + name + '=' + value;
    return scope;
}

std::string
next_cursor(const Context& context, std::string_view scope, const std::vector<std::string>& last) {
    return make_cursor(context.services.keys.cursor_key(), scope, last);
}

void add_next_link(http::Response& response,
                   const http::Request& request,
                   const ListPage& page,
                   const std::string& cursor) {
    auto link = "<" + request.path + "?";
    for (const auto& [name, value] : request.query)
        if (name != "limit" && name != "cursor")
            link += percent_encoded(name) + "=" + percent_encoded(value) + "&";
    link += fmt::format(
        "limit={}&cursor={}>; rel=\"next\"", std::min(page.limit, largest_page), cursor);
    response.headers.emplace_back("Link", std::move(link));
}

} // namespace hs::api
