/// A program that serves figures, over calls put in one by one; what the figures must be is counted
/// here, from the same calls, by other arithmetic than the program's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/api_test.hpp"

namespace hs::test {

/// A call as a test wants it. Scores are basis points.
struct MadeCall {
    std::optional<std::string> agent{};
    std::optional<int> city{};
    std::string issue{};
    std::string at = "2026-02-03 12:00:00+05:30";
    bool analysed = true;
    bool scored = true;
    int quality = 7000;
    int sop = 7000;
    int sentiment = 5000; // 0, 5000 or 10000
    bool escalated = false;
    bool resolved = true;
    std::string coaching{};
    std::string language = "hindi";
    bool provisional = false;
    std::vector<std::string> missed{}; // rules that the evaluation found missed
    std::vector<std::string> met{};
    std::vector<std::string> unsure{};
};

/// SQL that puts calls in, each with an id of its own, into whichever program's database.
std::string calls_sql(const std::vector<MadeCall>& calls);
/// SQL that makes the rollups what the facts say, and lets the data version grow.
std::string fold_sql();

class FiguresTest : public ::testing::Test {
public:
    static WholeServer& server();

protected:
    /// Empties the directory and all calls; data versions go on growing.
    void SetUp() override;

    static HttpReply get(const std::string& path, const std::string& headers = "") {
        return server().ask("GET " + path, headers);
    }

    static json::value get_json(const std::string& path) { return json_of(get(path)); }

    /// The data of a 200, or a failed test that shows the reply.
    static json::value data(const std::string& path);

    static std::string add_agent(const std::string& name, const std::string& employee_id = "");
    static int add_city(const std::string& name, const std::string& state = "");

    static void add(const MadeCall& call) { add(std::vector{call}); }

    static void add(const std::vector<MadeCall>& calls);
    /// Brings the rollups up to date with all calls, and lets the data version grow.
    static void fold();
    static void sql(const std::string& text);

    /// Day of the tenant's calendar so many days from today: "2026-02-03".
    static std::string day(int from_today = 0);
    /// The first day of the month so many months from this one.
    static std::string month(int from_this = 0);
};

/// `detail` of a refusal.
std::string detail(const HttpReply& reply);

/// Where `live` differs from `sample` in keys, their order, or types; empty when nowhere. Null goes
/// with every type, and arrays are compared by their first entries.
std::string shape_difference(const json::value& sample, const json::value& live);
/// tests/data/replies/<name>.json
json::value sample_reply(const std::string& name);

} // namespace hs::test
