#include "api/figures_reply.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "api/call_filters.hpp"
#include "api/figures_cache.hpp"
#include "base/crypto.hpp"
#include "base/text.hpp"
#include "http/conditional.hpp"
#include "http/gzip.hpp"
#include "store/rollups.hpp"

namespace hs::api {

namespace {

constexpr const char* statement_took_too_long = "57014"; // query_canceled
constexpr std::size_t least_packed = 1024;
constexpr std::size_t inline_gzip = 16 << 10; // beyond it compression leaves the I/O thread

std::string
key_of(const http::Request& request, const std::string& parameters, const store::Edition& edition) {
    const auto& caller = request.principal;
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}.{}\n{}",
                       HS_VERSION,
                       caller.tenant.str(),
                       request.pattern,
                       parameters,
                       caller.may_read_customer_fields ? "full" : "figures",
                       edition.version,
                       edition.pending,
                       day_text(edition.today));
}

std::string tag_of(const std::string& key) {
    const auto digest = sha256(bytes_of(key));
    return "W/\"" + base64url(ByteView(digest).first(16)) + "\"";
}

void add_tag(http::Response& response, const std::string& tag) {
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "private, no-cache");
}

/// The kept reply in the coding the client takes.
Task<http::Response> unpacked_or_packed(const Context& context,
                                        const http::Request& request,
                                        std::string key,
                                        FiguresCache::Kept kept) {
    http::Response response;
    response.headers = kept->reply.headers;
    const auto& body = kept->reply.body;
    const bool packed = body.size() > least_packed &&
                        http::accepts_gzip(request.header("accept-encoding").value_or(""));
    if (!packed) {
        response.body = body;
        co_return response;
    }
    if (!kept->packed.empty()) {
        response.body = kept->packed;
    } else if (body.size() <= inline_gzip) {
        response.body = http::gzip(body);
        context.figures->keep_packed(key, kept, response.body);
    } else {
        auto work = [&body] { return http::gzip(body); };
        response.body = co_await context.services.cpu.run(work);
        context.figures->keep_packed(key, kept, response.body);
    }
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
    co_return response;
}

Task<http::Response> made_or_kept(const Context& context,
                                  const http::Request& request,
                                  std::string key,
                                  FiguresCache::Make make) {
    const auto kept = co_await context.figures->take(key, std::move(make));
    if (kept->reply.status != 200) co_return kept->reply;
    co_return co_await unpacked_or_packed(context, request, std::move(key), kept);
}

Task<http::Response> made_within_limit(const http::Request& request,
                                       const MakeFigures& make,
                                       const store::Edition& edition) {
    try {
        co_return co_await make(edition);
    } catch (const pg::DatabaseError& error) {
        if (error.sqlstate() != statement_took_too_long) throw;
    }
    const Error error{ErrorKind::invalid,
                      "query.too_broad",
                      "These filters take too long over these days. Narrow from and to.",
                      std::nullopt};
    co_return http::problem(request, error);
}

} // namespace

Task<http::Response> figures_reply(const Context& context,
                                   const http::Request& request,
                                   std::string parameters,
                                   Keeping keeping,
                                   MakeFigures make) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    store::Edition edition; // read before the figures, or an old body could get a new tag
    if (keeping == Keeping::names) {
        edition = co_await store::directory_edition(*unit, tenant);
    } else {
        edition = co_await store::figures_edition(*unit, tenant);
    }
    auto key = key_of(request, parameters, edition);
    const auto tag = tag_of(key);
    http::Response response;
    const auto known = request.header("if-none-match");
    // "*" asks whether there is anything at all, which only the reply itself can tell.
    if (known && trim(*known) != "*" && http::if_none_match(*known, tag)) {
        response.status = 304;
    } else if (keeping == Keeping::finished) {
        FiguresCache::Make of_edition = [&make, &edition] { return make(edition); };
        response = co_await made_or_kept(context, request, std::move(key), std::move(of_edition));
    } else {
        response = co_await make(edition);
    }
    if (response.status != 200 && response.status != 304) co_return response;
    add_tag(response, tag);
    co_await add_as_of(context, tenant, response);
    co_return response;
}

Task<std::unique_ptr<pg::Session>>
figures_session(const Context& context, TenantId tenant, bool sums_know) {
    if (sums_know) co_return context.services.database.unit({.tenant = tenant});
    // One snapshot for all statements of the reply.
    const pg::Scope scope{.tenant = tenant, .snapshot = true};
    std::unique_ptr<pg::Session> session = co_await context.slow_reads->begin(scope);
    co_return session;
}

MakeFigures within_limit(const http::Request& request, MakeFigures make) {
    return [&request, make = std::move(make)](const store::Edition& edition) {
        return made_within_limit(request, make, edition);
    };
}

Task<void> add_as_of(const Context& context, TenantId tenant, http::Response& response) {
    const auto now = std::chrono::steady_clock::now();
    auto until = context.complete_until->recent(tenant, now);
    if (!until) {
        const auto unit = context.services.database.unit({.tenant = tenant});
        until = co_await store::figures_as_of(*unit, tenant);
        context.complete_until->note(tenant, *until, now);
    }
    response.headers.emplace_back("X-As-Of", rfc3339(*until));
}

Result<DayRange> range_of(const http::Request& request) {
    DayRange range;
    const auto read = [&](std::string_view name, std::optional<Day>& day) -> Result<void> {
        const auto text = request.query_value(name);
        if (!text) return {};
        day = parse_day(*text);
        if (day) return {};
        return fail(
            ErrorKind::invalid, "query.date", fmt::format("{}: a day as 2026-02-03.", name));
    };
    TRY_VOID(read("from", range.from));
    TRY_VOID(read("to", range.to));
    if (range.from && range.to &&
        std::chrono::sys_days(*range.from) > std::chrono::sys_days(*range.to))
        return fail(ErrorKind::invalid, "query.range", "from: not after to.");
    return range;
}

Result<store::Narrowing> narrowing_of(const http::Request& request,
                                      std::initializer_list<std::string_view> taken) {
    store::Narrowing asked;
    TRY(asked.days, range_of(request));
    TRY(asked.calls, asked_calls(request, taken));
    return asked;
}

std::string narrowing_text(const store::Narrowing& asked) {
    return fmt::format("from={}&to={}&of={}",
                       asked.days.from ? day_text(*asked.days.from) : "",
                       asked.days.to ? day_text(*asked.days.to) : "",
                       store::filter_text(asked.calls));
}

Result<std::int64_t> whole_number(const http::Request& request,
                                  std::string_view name,
                                  std::int64_t fallback,
                                  std::int64_t least,
                                  std::int64_t most) {
    const auto text = request.query_value(name);
    if (!text) return fallback;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const bool whole = error == std::errc{} && end == text->data() + text->size();
    if (!whole || number < least || number > most) {
        return fail(ErrorKind::invalid,
                    "query.range",
                    fmt::format("{}: a whole number, {} to {}.", name, least, most));
    }
    return number;
}

void add_canonical(http::Response& response, std::string_view path) {
    response.headers.emplace_back("Link", fmt::format("<{}>; rel=\"canonical\"", path));
}

} // namespace hs::api
