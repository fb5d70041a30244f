/// Reading the parameters of lists, and ending their replies.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "base/json.hpp"
#include "store/call_changes.hpp"

namespace hs::api {

/// An integer parameter from `least` to `most`. Errors: invalid "query.range".
[[nodiscard]] Result<int> whole_number(
    const http::Request& request, std::string_view name, int fallback, int least, int most);

/// A parameter that is on or off: true or 1, false or 0; off when absent. Errors: invalid
/// "query.choice".
[[nodiscard]] Result<bool> switched_on(const http::Request& request, std::string_view name);

/// `fields`: names of members, joined by commas; empty when all are wanted. Errors: invalid
/// "query.choice".
[[nodiscard]] Result<std::vector<std::string>>
asked_fields(const http::Request& request, std::span<const std::string_view> members);

/// `sort`: one of the names, with - for descending. Errors: invalid "query.choice".
[[nodiscard]] Result<std::string> asked_order(const http::Request& request,
                                              std::span<const std::string_view> names,
                                              std::string_view fallback);

struct ListPage {
    int limit = 50;
    std::optional<std::vector<std::string>> after; // the place a cursor named
    bool asked = false;                            // limit or cursor was given
};

/// `cap`: rows without limit and cursor. `scope` binds cursors to route, filter and order; a place
/// has `items` texts. Errors: "query.range", "cursor.invalid".
[[nodiscard]] Result<ListPage> list_page(const Context& context,
                                         const http::Request& request,
                                         std::string_view scope,
                                         std::size_t items,
                                         int cap);

/// Time and id that a cursor of a history named.
[[nodiscard]] std::optional<store::HistoryPlace> history_place(const ListPage& page);

/// Parameters that narrow or order the list in one text: what its cursors are bound to.
[[nodiscard]] std::string list_scope(const http::Request& request);

/// RFC 3339 to the microsecond: cursors name places exactly.
[[nodiscard]] std::string exact_time(Time time);

[[nodiscard]] std::string
next_cursor(const Context& context, std::string_view scope, const std::vector<std::string>& last);

/// The Link header of the next page: the present query with another cursor.
void add_next_link(http::Response& response,
                   const http::Request& request,
                   const ListPage& page,
                   const std::string& cursor);

} // namespace hs::api
