/// Pages of lists: the parameters `limit` and `cursor`, and the next page's link.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"

namespace hs::api {

struct Page {
    int limit = 50;
    std::optional<std::vector<std::string>> after; // what a place in the list is told by
    bool asked = false;                            // limit or cursor was given
};

/// `scope` binds cursors to route, filter and order; a place has `parts` parts.
/// Errors: "query.range", "cursor.invalid".
[[nodiscard]] Result<Page> page_of(const Context& context,
                                   const http::Request& request,
                                   std::string_view scope,
                                   std::size_t parts = 2);

/// Names the page after the one whose last place is `last` in a Link header; gives its cursor.
std::string add_next_page(const Context& context,
                          const http::Request& request,
                          std::string_view scope,
                          const Page& page,
                          const std::vector<std::string>& last,
                          http::Response& response);

} // namespace hs::api
