// Figures narrowed to a state, city, agent, issue or language: the same numbers as a recount of the
// calls gives, whether kept sums or the calls answer.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/figures_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

constexpr const char* map_path = "/api/dashboard/india-map";
constexpr const char* board_path = "/api/agents/leaderboard";

struct Place {
    int id = 0;
    std::string name;
    std::string state;
};

struct Person {
    std::string id;
    std::string name;
};

/// What a request asks for; empty members ask for nothing.
struct Asked {
    std::string state;
    int city = 0;
    std::string agent;
    std::string issue;
    std::string language;
    std::string from;
    std::string to;

    [[nodiscard]] std::string query() const {
        std::string text = "?";
        const auto add = [&](const char* name, const std::string& value) {
            if (!value.empty()) text += fmt::format("{}={}&", name, value);
        };
        const auto blanks = [](std::string value) {
            for (auto at = value.find(' '); at != std::string::npos; at = value.find(' '))
                value.replace(at, 1, "%20");
            return value;
        };
        add("state", blanks(state));
        add("city_id", city == 0 ? "" : std::to_string(city));
        add("agent_id", agent);
        add("issue", blanks(issue));
        add("language", language);
        add("from", from);
        add("to", to);
        return text;
    }
};

struct Mean {
    std::int64_t count = 0;
    std::int64_t sum = 0;

    void add(int points) {
        ++count;
        sum += points;
    }

    /// Rounded once, half up, to so many basis points.
    [[nodiscard]] double rounded(std::int64_t step = 1) const {
        const auto unit = count * step;
        const auto steps = count == 0 ? 0 : (2 * sum + unit) / (2 * unit);
        return static_cast<double>(steps) / (10000.0 / static_cast<double>(step));
    }
};

struct Sums {
    int calls = 0;
    int emergencies = 0;
    Mean quality;
    Mean sop;
    Mean sentiment;
    Mean escalation; // its count: analysed calls

    void add(const MadeCall& call) {
        ++calls;
        const bool escalated = call.analysed && call.escalated;
        if (escalated || call.issue == "Emergency Service") ++emergencies;
        if (!call.analysed) return;
        escalation.add(escalated ? 10000 : 0);
        if (!call.scored) return;
        quality.add(call.quality);
        sop.add(call.sop);
        sentiment.add(call.sentiment);
    }
};

class FigureFilters : public FiguresTest {
protected:
    void SetUp() override {
        FiguresTest::SetUp();
        today = day();
        this_month = month().substr(0, 7);
        last_month = month(-1).substr(0, 7);
        const std::vector<std::pair<const char*, const char*>> named{{"Pune", "Maharashtra"},
                                                                     {"Nagpur", "Maharashtra"},
                                                                     {"Chennai", "Tamil Nadu"},
                                                                     {"Surat", "Gujarat"},
                                                                     {"Atlantis", ""}};
        for (const auto& [name, state] : named)
            places.push_back({add_city(name, state), name, state});
        for (const auto* name : {"Meera Joshi", "Nikhil Rao", "Sana Khan"})
            people.push_back({add_agent(name), name});
        std::ranges::sort(places, {}, &Place::name);
        std::ranges::sort(people, {}, &Person::name);
    }

    template <typename T>
    const T& one_of(const std::vector<T>& values) {
        return values.at(std::uniform_int_distribution<std::size_t>(0, values.size() - 1)(random));
    }

    bool chance(int in) { return std::uniform_int_distribution(1, in)(random) == 1; }

    void add_random_calls(int count) {
        const std::vector<std::string> times{day() + " 00:00:00+05:30",
                                             month() + " 00:00:00+05:30",
                                             month(-1) + " 12:00:00+05:30",
                                             month(-2) + " 23:59:59+05:30",
                                             "2025-06-15 12:00:00+05:30",
                                             "2025-12-31 23:59:59+05:30"};
        for (int i = 0; i < count; ++i) {
            MadeCall call{.issue = one_of(issues), .at = one_of(times)};
            if (!chance(8)) call.agent = one_of(people).id;
            if (!chance(8)) call.city = one_of(places).id;
            call.analysed = !chance(5);
            call.scored = !chance(9);
            call.escalated = chance(4);
            call.quality = std::uniform_int_distribution(0, 10000)(random);
            call.sop = std::uniform_int_distribution(0, 10000)(random);
            call.sentiment = std::uniform_int_distribution(0, 2)(random) * 5000;
            call.language = one_of(languages);
            calls.push_back(std::move(call));
        }
        add(calls);
        fold();
    }

    Asked random_filters() {
        Asked asked;
        if (chance(3)) asked.state = one_of(std::vector<std::string>{"Maharashtra", "Tamil Nadu"});
        if (chance(3)) asked.city = one_of(places).id;
        if (chance(3)) asked.agent = one_of(people).id;
        if (chance(3)) asked.issue = chance(6) ? "Nothing" : one_of(issues);
        if (chance(3)) asked.language = one_of(languages);
        if (chance(3)) asked.from = one_of(std::vector{month(-2), std::string("2025-06-15")});
        if (chance(3)) asked.to = one_of(std::vector{month(), std::string("2025-12-31")});
        if (!asked.from.empty() && !asked.to.empty() && asked.from > asked.to) asked.to.clear();
        return asked;
    }

    std::string state_of(const MadeCall& call) const {
        const auto place = std::ranges::find(places, call.city.value_or(0), &Place::id);
        return place == places.end() ? "" : place->state;
    }

    /// Whether a filter leaves the call; before analysis nobody knows its language.
    bool leaves(const Asked& asked, const MadeCall& call) const {
        if (!asked.state.empty() && state_of(call) != asked.state) return false;
        if (asked.city != 0 && call.city.value_or(0) != asked.city) return false;
        if (!asked.agent.empty() && call.agent.value_or("") != asked.agent) return false;
        if (!asked.issue.empty() && call.issue != asked.issue) return false;
        return asked.language.empty() || (call.analysed && call.language == asked.language);
    }

    static bool in_days(const Asked& asked, const MadeCall& call) {
        const auto day = call.at.substr(0, 10);
        return (asked.from.empty() || day >= asked.from) && (asked.to.empty() || day < asked.to);
    }

    /// The sums of calls that `chosen` takes of those the filter leaves, whatever their days.
    template <typename Chosen>
    Sums sums(const Asked& asked, Chosen chosen) const {
        Sums out;
        for (const auto& call : calls)
            if (leaves(asked, call) && chosen(call)) out.add(call);
        return out;
    }

    std::string expected_top(const Asked& asked, const std::string& state) const {
        std::map<std::string, int> counts;
        for (const auto& call : calls)
            if (leaves(asked, call) && in_days(asked, call) && state_of(call) == state &&
                !call.issue.empty())
                ++counts[call.issue];
        const auto top = std::ranges::max_element(
            counts, [](const auto& a, const auto& b) { return a.second < b.second; });
        return top == counts.end() ? "No Issues Reported" : top->first;
    }

    /// States by name: the order of the map is another test's.
    std::set<std::string> expected_map(const Asked& asked) const {
        std::set<std::string> out;
        const auto all = sums(asked, [&](const auto& call) { return in_days(asked, call); }).calls;
        for (const auto& place : places) {
            if (place.state.empty()) continue;
            const auto city = sums(asked, [&](const auto& call) {
                return in_days(asked, call) && call.city == place.id;
            });
            out.insert(fmt::format("{}: {} {}", place.name, city.calls, city.sop.rounded(100)));
            const auto state = sums(asked, [&](const auto& call) {
                return in_days(asked, call) && state_of(call) == place.state;
            });
            const auto permille = all == 0 ? 0 : (2 * state.calls * 1000 + all) / (2 * all);
            out.insert(fmt::format("{}: {} {} {} {} {} {}",
                                   place.state,
                                   state.calls,
                                   state.escalation.count,
                                   state.emergencies,
                                   state.sop.rounded(100),
                                   permille / 10.0,
                                   expected_top(asked, place.state)));
        }
        return out;
    }

    static std::string text(const json::value& value, const char* name) {
        return std::string(value.at(name).as_string());
    }

    static std::set<std::string> shown_map(const Asked& asked) {
        std::set<std::string> out;
        const auto states = data(map_path + asked.query());
        for (const auto& state : states.as_array()) {
            for (const auto& city : state.at("cities").as_array())
                out.insert(fmt::format("{}: {} {}",
                                       text(city, "name"),
                                       city.at("total_calls").as_int64(),
                                       city.at("sop_score").to_number<double>()));
            out.insert(fmt::format("{}: {} {} {} {} {} {}",
                                   text(state, "state"),
                                   state.at("total_calls").as_int64(),
                                   state.at("analyzed_calls").as_int64(),
                                   state.at("emergencies").as_int64(),
                                   state.at("overall_sop_score").to_number<double>(),
                                   state.at("total_call_volume_pct").to_number<double>(),
                                   text(state, "top_issue")));
        }
        return out;
    }

    /// Rows in the order they must have.
    std::vector<std::string> expected_board(const Asked& asked) const {
        std::vector<std::tuple<double, int, std::string, std::string>> rows;
        for (const auto& person : people) {
            const auto own = sums(asked, [&](const auto& call) {
                return in_days(asked, call) && call.agent == person.id;
            });
            const auto before = sums(asked, [&](const auto& call) {
                return call.agent == person.id && call.at.starts_with(last_month);
            });
            rows.emplace_back(-own.quality.rounded(),
                              -own.calls,
                              person.name,
                              fmt::format("{} {} {} {} before {}",
                                          person.name,
                                          own.quality.rounded(),
                                          own.calls,
                                          own.emergencies,
                                          before.quality.rounded()));
        }
        std::ranges::sort(rows);
        std::vector<std::string> out;
        for (const auto& row : rows)
            out.push_back(std::get<3>(row));
        return out;
    }

    static std::vector<std::string> shown_board(const Asked& asked) {
        std::vector<std::string> out;
        const auto rows = data(board_path + asked.query() + "include=trend");
        for (const auto& row : rows.as_array())
            out.push_back(
                fmt::format("{} {} {} {} before {}",
                            text(row, "name"),
                            row.at("overall_score").to_number<double>(),
                            row.at("calls_received").as_int64(),
                            row.at("emergencies").as_int64(),
                            row.at("trend_data").at(0).at("prev_value").to_number<double>()));
        return out;
    }

    /// One agent's or city's periods: all or the days asked for, today, this month, the last one.
    template <typename Chosen>
    std::array<Sums, 4> periods(const Asked& asked, Chosen chosen) const {
        const auto of = [&](const std::string& prefix) {
            return sums(asked, [&](const auto& call) {
                return chosen(call) && call.at.starts_with(prefix);
            });
        };
        return {sums(asked, [&](const auto& c) { return chosen(c) && in_days(asked, c); }),
                of(today),
                of(this_month),
                of(last_month)};
    }

    std::string expected_agent(Asked asked, const Person& person) const {
        asked.agent.clear(); // the path names the agent
        const auto [now, of_today, of_month, before] =
            periods(asked, [&](const auto& call) { return call.agent == person.id; });
        return fmt::format("{} {} {} {}, {} {} {}, today {} {}, before {} {} {} {}",
                           now.quality.rounded(),
                           now.sop.rounded(),
                           now.sentiment.rounded(),
                           now.escalation.rounded(),
                           now.calls,
                           now.emergencies,
                           now.escalation.count,
                           of_today.calls,
                           of_today.emergencies,
                           before.calls,
                           before.emergencies,
                           before.quality.rounded(),
                           before.escalation.rounded());
    }

    static std::string shown_agent(const Asked& asked, const Person& person) {
        const auto shown = data("/api/agents/" + person.id + "/stats" + asked.query());
        const auto& now = shown.at("current_stats");
        const auto& before = shown.at("previous_month_stats");
        return fmt::format("{} {} {} {}, {} {} {}, today {} {}, before {} {} {} {}",
                           now.at("quality_score").to_number<double>(),
                           now.at("sop_compliance").to_number<double>(),
                           now.at("sentiment_stabilization").to_number<double>(),
                           now.at("escalation_rate").to_number<double>(),
                           now.at("calls_handled_total").as_int64(),
                           now.at("total_emergencies_count").as_int64(),
                           shown.at("analyzed_calls").as_int64(),
                           now.at("calls_handled_today").as_int64(),
                           now.at("emergencies_today").as_int64(),
                           before.at("calls_handled").as_int64(),
                           before.at("emergencies").as_int64(),
                           before.at("quality_score").to_number<double>(),
                           before.at("escalation_rate").to_number<double>());
    }

    std::string expected_city(Asked asked, const Place& place) const {
        asked.city = 0; // the path names the city, and with it the state
        asked.state.clear();
        const auto [now, of_today, of_month, before] =
            periods(asked, [&](const auto& call) { return call.city == place.id; });
        return fmt::format("{} {} {} {}, {} {}, today {} {}, months {} {} {}",
                           now.quality.rounded(),
                           now.sop.rounded(),
                           now.sentiment.rounded(),
                           now.escalation.rounded(),
                           now.calls,
                           now.escalation.count,
                           of_today.calls,
                           of_today.emergencies,
                           of_month.calls,
                           before.calls,
                           before.sop.rounded());
    }

    static std::string shown_city(const Asked& asked, const Place& place) {
        const auto shown = data(fmt::format("/api/cities/{}{}", place.id, asked.query()));
        const auto& metrics = shown.at("metrics");
        const auto& volume = shown.at("volume");
        return fmt::format("{} {} {} {}, {} {}, today {} {}, months {} {} {}",
                           metrics.at("avg_quality_score").to_number<double>(),
                           metrics.at("avg_sop_compliance").to_number<double>(),
                           metrics.at("avg_sentiment_score").to_number<double>(),
                           metrics.at("avg_escalation_rate").to_number<double>(),
                           volume.at("total_calls").as_int64(),
                           metrics.at("analyzed_calls").as_int64(),
                           volume.at("total_calls_today").as_int64(),
                           volume.at("total_emergencies_today").as_int64(),
                           volume.at("monthly_volume").as_int64(),
                           volume.at("prev_monthly_volume").as_int64(),
                           metrics.at("prev_month_sop").to_number<double>());
    }

    const std::vector<std::string> issues{"Fire", "Water", "Emergency Service", ""};
    const std::vector<std::string> languages{"hindi", "english", "hinglish"};
    std::vector<Place> places;
    std::vector<Person> people;
    std::vector<MadeCall> calls;
    std::string today;      // 2026-02-03
    std::string this_month; // 2026-02
    std::string last_month;
    std::mt19937 random;
};

TEST_F(FigureFilters, FiguresAreThoseOfARecount) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random.seed(seed);
    add_random_calls(300);
    for (int i = 0; i < 40; ++i) {
        const auto asked = random_filters();
        SCOPED_TRACE(asked.query());
        EXPECT_EQ(shown_map(asked), expected_map(asked));
        EXPECT_EQ(shown_board(asked), expected_board(asked));
        const auto& person = one_of(people);
        EXPECT_EQ(shown_agent(asked, person), expected_agent(asked, person)) << person.name;
        const auto& place = one_of(places);
        EXPECT_EQ(shown_city(asked, place), expected_city(asked, place)) << place.name;
    }
}

TEST_F(FigureFilters, PerformanceFollowsThemInAllItsParts) {
    const auto& person = people.front();
    const auto at = today + " 00:00:00+05:30";
    add({{.agent = person.id, .issue = "Fire", .at = at, .quality = 9000},
         {.agent = person.id, .issue = "Water", .at = at, .quality = 1000, .resolved = false},
         {.agent = person.id, .issue = "Fire", .at = at, .analysed = false}});
    fold();
    const auto shown = get_json("/api/agent-performance/" + person.id + "?issue=Fire");
    EXPECT_EQ(shown.at("overall_score"), 0.9);
    EXPECT_EQ(shown.at("total_calls"), 2);
    EXPECT_EQ(json::serialize(shown.at("performance_trend")),
              fmt::format(R"([{{"date":"{}","score":9E-1}}])", day()));
    EXPECT_EQ(json::serialize(shown.at("call_distribution")),
              R"([{"category":"Resolved","count":1},{"category":"Unresolved","count":0},)"
              R"({"category":"Escalated","count":0},{"category":"Pending","count":1}])");
    const auto none = get_json("/api/agent-performance/" + person.id + "?language=tamil");
    EXPECT_EQ(none.at("total_calls"), 0);
    EXPECT_TRUE(none.at("performance_trend").as_array().empty());
}

TEST_F(FigureFilters, ACityWhoseCallsAreAllLeftOutIsStillACityWithCalls) {
    add(MadeCall{.city = places.front().id});
    fold();
    const auto path = fmt::format("/api/cities/{}?issue=Nothing", places.front().id);
    EXPECT_EQ(data(path).at("volume").at("total_calls"), 0);
    EXPECT_EQ(data(path + "&language=tamil").at("volume").at("total_calls"), 0);
}

TEST_F(FigureFilters, LanguageIsReadWhateverItsCase) {
    add(MadeCall{.agent = people.front().id});
    fold();
    EXPECT_EQ(data("/api/agents/" + people.front().id + "/stats?language=Hindi")
                  .at("current_stats")
                  .at("calls_handled_total"),
              1);
}

TEST_F(FigureFilters, WrongValuesAreRefused) {
    const std::string agent = "/api/agents/" + people.front().id;
    const auto city = fmt::format("/api/cities/{}", places.front().id);
    const auto expect = [](const std::string& path, const char* query, const char* refused) {
        EXPECT_EQ(refusal(get(path + query)), refused) << path << query;
    };
    for (const auto& path : {std::string(map_path),
                             std::string(board_path),
                             std::string("/api/leaderboard"),
                             agent + "/stats",
                             agent + "/details",
                             "/api/agent-performance/" + people.front().id}) {
        for (const auto* wrong : {"0", "-1", "x", "", "1.5", "99999999999"})
            expect(path, fmt::format("?city_id={}", wrong).c_str(), "400 query.range");
        expect(path, "?state=%20", "400 query.invalid");
    }
    for (const auto& path :
         {std::string(map_path), std::string(board_path), city, city + "/details"}) {
        expect(path, "?agent_id=Meera", "400 query.invalid");
        expect(path, "?issue=", "400 query.invalid");
        expect(path, "?issue=a%01", "400 query.invalid");
        expect(path, "?language=%ff", "400 query.invalid");
        expect(path, "?language=hindi&language=english", "400 query.repeated");
    }
    // The path names the agent, the city and with it the state: there these are unknown and
    // ignored.
    EXPECT_EQ(get(agent + "/stats?agent_id=x").status, 200);
    EXPECT_EQ(get(city + "?city_id=x&state=").status, 200);
}

TEST_F(FigureFilters, TagsAndCursorsAreOfOneFilter) {
    add(MadeCall{.agent = people.front().id, .city = places.front().id});
    fold();
    const auto tag = get(std::string(map_path) + "?language=hindi").header("etag");
    EXPECT_NE(tag, get(std::string(map_path) + "?issue=hindi").header("etag"));
    const auto again =
        get(std::string(map_path) + "?language=HINDI", "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(again.status, 304);
    const auto page = get_json(std::string(board_path) + "?limit=1&language=hindi");
    const std::string cursor(page.at("next_cursor").as_string());
    EXPECT_EQ(get(std::string(board_path) + "?language=hindi&cursor=" + cursor).status, 200);
    EXPECT_EQ(refusal(get(std::string(board_path) + "?cursor=" + cursor)), "400 cursor.invalid");
}

// --- what is slow, and what is not --------------------------------------------------------------

class SlowFigures : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        speech = new SpeechImposter;
        own = new WholeServer(
            *speech, {{"SLOW_QUERY_MS", "300"}, {"RANK_PROVISIONAL", "false"}}, "serve");
    }

    static void TearDownTestSuite() {
        delete own;
        delete speech;
    }

    static std::string id_of(const HttpReply& reply) {
        const auto body = json_of(reply);
        return reply.status == 201 ? json::serialize(body.at("id")) : "0";
    }

    static std::string agent(const std::string& name) {
        const auto id = id_of(own->post_json("/api/agents", R"({"name":")" + name + "\"}"));
        return id.substr(1, id.size() - 2);
    }

    static pg::BlockingConnection superuser() {
        auto connection = pg::BlockingConnection::open(own->database().superuser_url(), 10);
        if (!connection) throw std::runtime_error(connection.error().message);
        return std::move(*connection);
    }

    static std::string board(const std::string& query = "") {
        std::string text;
        const auto reply = json_of(own->ask(std::string("GET ") + board_path + query));
        for (const auto& row : reply.at("data").as_array())
            text += fmt::format("{} {} {}, ",
                                std::string(row.at("name").as_string()),
                                row.at("overall_score").to_number<double>(),
                                row.at("calls_received").as_int64());
        return text;
    }

    inline static SpeechImposter* speech = nullptr;
    inline static WholeServer* own = nullptr;
};

TEST_F(SlowFigures, ScansEndAtTheirLimitAndHoldUpNobody) {
    const auto city = id_of(own->post_json("/api/cities", R"({"name":"Pune","state":"Goa"})"));
    auto connection = superuser();
    connection.script(calls_sql({{.city = std::stoi(city), .issue = "Fire"}}));
    connection.script(fold_sql()); // facts are made at the commit
    const auto ask = [](const std::string& path) { return own->ask("GET " + path); };
    const std::string map = map_path;
    connection.script("BEGIN; LOCK TABLE call_facts, calls");
    EXPECT_EQ(refusal(ask(map + "?language=hindi")), "400 query.too_broad");
    EXPECT_EQ(refusal(ask("/api/cities/" + city + "?language=hindi")), "400 query.too_broad");
    // What the kept sums know does not wait for the calls.
    for (const auto* query : {"", "?state=Goa", "?issue=Fire&state=Goa", "?from=2026-01-01"}) {
        const auto reply = ask(map + query);
        EXPECT_EQ(reply.status, 200) << query;
        EXPECT_EQ(json_of(reply).at("data").at(0).at("total_calls"), 1) << query;
    }
    EXPECT_EQ(ask("/api/cities/" + city + "?issue=Fire").status, 200);
    EXPECT_EQ(ask("/config/issue-categories").status, 200);
    connection.script("ROLLBACK");
    EXPECT_EQ(ask(map + "?language=hindi").status, 200) << "a refusal is not kept";
}

TEST_F(SlowFigures, ProvisionalCallsAreLeftOutOfTheRanksWhenToldSo) {
    const auto meera = agent("Meera");
    const auto nikhil = agent("Nikhil");
    auto connection = superuser();
    connection.script(calls_sql({{.agent = meera, .quality = 10000, .provisional = true},
                                 {.agent = meera, .quality = 5000},
                                 {.agent = nikhil, .quality = 6000}}));
    connection.script(fold_sql()); // facts are made at the commit
    EXPECT_EQ(board("?min_calls=1"), "Nikhil 0.6 1, Meera 0.5 2, ");
    const auto stats = json_of(own->ask("GET /api/agents/" + meera + "/stats"));
    EXPECT_EQ(stats.at("data").at("current_stats").at("quality_score"), 0.75) << "no rank";
    // Reviewed: no longer provisional.
    connection.script("UPDATE call_insights SET provisional = false");
    connection.script(fold_sql());
    EXPECT_EQ(board("?min_calls=1"), "Meera 0.75 2, Nikhil 0.6 1, ");
}

} // namespace

} // namespace hs::test
