#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/paging.hpp"
#include "api/routes.hpp"

namespace hs::api {

namespace {

constexpr const char* main_path = "/api/agents/leaderboard";
constexpr int row_cap = 10000;
constexpr std::int64_t most_calls = 1'000'000'000'000;

struct Board {
    store::LeaderboardQuery query;
    Page page;
    bool trends = false;
    bool doubled = false; // the documented alias shows the rows under a second key
    std::string scope;    // of its cursors: route and filter
};

std::int64_t number_of(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// What the request asks for. Parameters come in one spelling in `scope`.
Result<Board> board_of(const Context& context, const http::Request& request, bool doubled) {
    Board board;
    board.doubled = doubled;
    TRY(board.query.asked,
        narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"}));
    board.query.asked.calls.firm = context.rank_firm_only;
    TRY(board.query.min_calls, whole_number(request, "min_calls", 0, 0, most_calls));
    const auto include = request.query_value("include").value_or("");
    if (!include.empty() && include != "trend")
        return fail(ErrorKind::invalid, "query.choice", "include: trend.");
    board.trends = doubled || !include.empty();
    // The alias shows the same list: a cursor of one path is good for the other.
    board.scope = fmt::format(
        "{}?{}&min_calls={}", main_path, narrowing_text(board.query.asked), board.query.min_calls);
    TRY(board.page, page_of(context, request, board.scope, 4));
    if (board.page.after) {
        const auto& place = *board.page.after;
        const auto agent = AgentId::parse(place[3]).value_or(AgentId{});
        board.query.after =
            store::LeaderboardPlace{number_of(place[0]), number_of(place[1]), place[2], agent};
    }
    if (!board.page.asked) board.page.limit = row_cap;
    board.query.limit = board.page.limit + 1; // one more tells whether there is a next page
    return board;
}

using Months = std::unordered_map<Uuid, Figures>;

void write_rows(JsonWriter& json,
                const char* name,
                const std::vector<store::LeaderboardRow>& rows,
                const Months* months) {
    json.key(name).begin_array();
    for (const auto& row : rows) {
        json.begin_object().field("rank", row.rank).field("agent_id", row.agent.str());
        json.field("name", row.name);
        write_score(json, "overall_score", row.figures.quality);
        json.field("calls_received", row.figures.calls);
        json.field("emergencies", row.figures.emergencies);
        if (months != nullptr) {
            write_score(json, "quality_score", row.figures.quality);
            const auto month = months->find(row.agent.value);
            write_trends(json, row.figures, month == months->end() ? Figures{} : month->second);
        }
        json.end_object();
    }
    json.end_array();
}

std::vector<std::string> place_of(const store::LeaderboardRow& row) {
    return {std::to_string(row.figures.quality.points()),
            std::to_string(row.figures.calls),
            row.name,
            row.agent.str()};
}

Task<http::Response>
board_reply(const Context& context, const http::Request& request, const Board& board, Day today) {
    const auto tenant = request.principal.tenant;
    const auto& calls = board.query.asked.calls;
    const bool sums_know = store::agent_sums_know(calls);
    const auto session = co_await figures_session(context, tenant, sums_know);
    auto rows = co_await store::leaderboard(*session, tenant, board.query);
    Months months;
    if (board.trends) {
        const auto last_month = months_later(month_start(today), -1);
        const auto figures = co_await store::agents_month(*session, tenant, last_month, calls);
        for (const auto& month : figures)
            months.emplace(month.agent.value, month.figures);
    }
    auto response = http::json_response(200, "");
    if (board.doubled) add_canonical(response, main_path);
    std::optional<std::string> cursor;
    if (rows.size() > static_cast<std::size_t>(board.page.limit)) {
        rows.pop_back();
        auto next = board.page;
        next.limit = std::min(next.limit, 200); // beyond the cap the client goes on in pages
        cursor =
            add_next_page(context, request, board.scope, next, place_of(rows.back()), response);
    }
    JsonWriter json;
    json.begin_object().field("status", "success");
    write_rows(json, "data", rows, board.trends ? &months : nullptr);
    if (board.doubled) write_rows(json, "leaderboard", rows, &months);
    if (board.page.asked) json.field("next_cursor", cursor);
    response.body = json.end_object().take();
    co_return response;
}

Task<http::Response> leaderboard(const Context& context, http::Request request, bool doubled) {
    const auto board = board_of(context, request, doubled);
    if (!board) co_return http::problem(request, board.error());
    auto parameters = fmt::format("{}&include={}&limit={}&paged={}&cursor={}",
                                  board->scope,
                                  board->trends ? "trend" : "",
                                  board->page.limit,
                                  board->page.asked,
                                  request.query_value("cursor").value_or(""));
    MakeFigures make = [&context, &request, &board](const store::Edition& edition) {
        return board_reply(context, request, *board, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::finished, std::move(limited));
}

} // namespace

void add_leaderboard_routes(http::Router& router, const Context& context) {
    const auto list = [&](std::string pattern, bool doubled) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "leaderboard:read",
                    .handler =
                        [&context, doubled](http::Request r) {
                            return leaderboard(context, std::move(r), doubled);
                        },
                    .query = {"from",
                              "to",
                              "state",
                              "city_id",
                              "agent_id",
                              "issue",
                              "language",
                              "min_calls",
                              "include",
                              "limit",
                              "cursor"}});
    };
    list("/api/agents/leaderboard", false);
    list("/api/leaderboard", true);
}

} // namespace hs::api
