/// Replies made of figures: entity tags, kept bodies, and until when the figures are complete.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

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

/// Where figures are read: from kept sums on the fast connections, or, when no sum knows the
/// filter, from the calls on the slow ones. There a few wait for each other and none for long.
Task<std::unique_ptr<pg::Session>>
figures_session(const Context& context, TenantId tenant, bool sums_know);

/// `make`, with 400 "query.too_broad" in place of an answer that takes longer than the slow
/// connections allow. `request` has to outlive it.
[[nodiscard]] MakeFigures within_limit(const http::Request& request, MakeFigures make);

/// `from` and `to`: whole days of the tenant. Errors: "query.date", "query.range".
[[nodiscard]] Result<DayRange> range_of(const http::Request& request);
/// The days and what `taken` names of asked_calls. Errors: of both.
[[nodiscard]] Result<store::Narrowing> narrowing_of(const http::Request& request,
                                                    std::initializer_list<std::string_view> taken);
/// Days and filter in one spelling, for `parameters`.
[[nodiscard]] std::string narrowing_text(const store::Narrowing& asked);

/// A whole number of the query; `fallback` when absent. Errors: "query.range".
[[nodiscard]] Result<std::int64_t> whole_number(const http::Request& request,
                                                std::string_view name,
                                                std::int64_t fallback,
                                                std::int64_t least,
                                                std::int64_t most);

/// Names the main path in the reply of an alias.
void add_canonical(http::Response& response, std::string_view path);

} // namespace hs::api
