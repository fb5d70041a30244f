/// Replies made of figures: entity tags, kept bodies, and until when the figures are complete.
#pragma once

#include <functional>
#include <string>

#include "api/context.hpp"
#include "domain/periods.hpp"
#include "store/figures.hpp"

namespace hs::api {

/// Makes the reply of one edition; statuses other than 200 pass through untagged.
using MakeFigures = std::function<Task<http::Response>(const store::Edition&)>;

enum class Keeping {
    finished, ///< the body is kept and given again until the data version changes
    tag_only, ///< cheap or endless in its variety: tagged, made each time
    names     ///< tag_only, and a change of names shows before it is folded
};

/// Answers a GET about figures. `parameters`: whatever beside the route decides the reply, in one
/// spelling only. A client's current copy costs one small read and is answered 304.
Task<http::Response> figures_reply(const Context& context,
                                   const http::Request& request,
                                   std::string parameters,
                                   Keeping keeping,
                                   MakeFigures make);

/// Says when the figures of `response` were complete.
Task<void> add_as_of(const Context& context, TenantId tenant, http::Response& response);

/// `from` and `to`: whole days of the tenant. Errors: "query.date", "query.range".
[[nodiscard]] Result<DayRange> range_of(const http::Request& request);
/// The range in one spelling, for `parameters`.
[[nodiscard]] std::string range_text(const DayRange& range);

/// A whole number of the query; `fallback` when absent. Errors: "query.range".
[[nodiscard]] Result<std::int64_t> whole_number(const http::Request& request,
                                                std::string_view name,
                                                std::int64_t fallback,
                                                std::int64_t least,
                                                std::int64_t most);

/// Names the main path in the reply of an alias.
void add_canonical(http::Response& response, std::string_view path);

} // namespace hs::api
