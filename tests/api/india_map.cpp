// The map: call-weighted states, shares, top issues.
#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

constexpr const char* map_path = "/api/dashboard/india-map";

class IndiaMap : public FiguresTest {
protected:
    static json::value state(const std::string& name, const std::string& query = "") {
        const auto states = data(map_path + query);
        for (const auto& state : states.as_array())
            if (state.at("state").as_string() == name) return state;
        ADD_FAILURE() << name << " is not on the map";
        return {};
    }

    static std::vector<MadeCall> times(int count, const MadeCall& call) {
        return std::vector<MadeCall>(static_cast<std::size_t>(count), call);
    }
};

TEST_F(IndiaMap, HasTheShapeOfTheContract) {
    add(MadeCall{.city = add_city("Pune", "Maharashtra")});
    fold();
    EXPECT_EQ(shape_difference(sample_reply("india-map"), get_json(map_path)), "");
}

TEST_F(IndiaMap, StatesAreMeansOverCallsNotOverCities) {
    const int pune = add_city("Pune", "Maharashtra");
    const int nagpur = add_city("Nagpur", "Maharashtra");
    add_city("Nashik", "Maharashtra"); // no calls: adds nothing
    add(times(9, MadeCall{.city = pune, .sop = 9000}));
    add(times(1, MadeCall{.city = nagpur, .sop = 1050, .escalated = true}));
    add(times(2, MadeCall{.city = nagpur, .issue = "Emergency Service", .analysed = false}));
    fold();
    const auto found = state("Maharashtra");
    // (9 * 0.9 + 0.105) / 10 = 0.8205
    EXPECT_EQ(found.at("overall_sop_score"), 0.82);
    EXPECT_EQ(found.at("avg_sop_score"), 0.82);
    EXPECT_EQ(found.at("risk_level"), "low");
    EXPECT_EQ(found.at("total_calls"), 12);
    EXPECT_EQ(found.at("analyzed_calls"), 10);
    EXPECT_EQ(found.at("emergencies"), 3);
    EXPECT_EQ(found.at("state_code"), "IN-MH");
    EXPECT_THAT(get(map_path).body,
                HasSubstr(R"("name":"Nagpur","sop_score":0.11,"risk_level":"high","total_calls":3,)"
                          R"("lat":18.5,"lon":73.25})"));
    EXPECT_THAT(
        get(map_path).body,
        HasSubstr(R"("name":"Nashik","sop_score":0.0,"risk_level":"unknown","total_calls":0)"));
}

TEST_F(IndiaMap, SharesAreOfAllCallsOfTheTenant) {
    add(times(2, MadeCall{.city = add_city("Pune", "Maharashtra")}));
    add(times(1, MadeCall{.city = add_city("Atlantis")})); // of no state, hence not on the map
    add(times(5, MadeCall{}));                             // of no city
    fold();
    EXPECT_EQ(data(map_path).as_array().size(), 1U);
    EXPECT_EQ(state("Maharashtra").at("total_call_volume_pct"), 25.0);
    add(times(8, MadeCall{}));
    fold();
    EXPECT_EQ(state("Maharashtra").at("total_call_volume_pct"), 12.5);
    add(times(16, MadeCall{}));
    fold();
    EXPECT_EQ(state("Maharashtra").at("total_call_volume_pct"), 6.3); // 6.25
}

TEST_F(IndiaMap, WithoutCallsSharesAreZero) {
    add_city("Pune", "Maharashtra");
    fold();
    const auto found = state("Maharashtra");
    EXPECT_EQ(found.at("total_call_volume_pct"), 0.0);
    EXPECT_EQ(found.at("top_issue"), "No Issues Reported");
    EXPECT_EQ(found.at("risk_level"), "unknown");
}

TEST_F(IndiaMap, TopIssueCountsCallsOfTheState) {
    const int pune = add_city("Pune", "Maharashtra");
    const int nagpur = add_city("Nagpur", "Maharashtra");
    add(times(2, MadeCall{.city = pune, .issue = "Water"}));
    add(times(2, MadeCall{.city = nagpur, .issue = "Water", .analysed = false}));
    add(times(3, MadeCall{.city = pune, .issue = "Fire"}));
    add(times(9, MadeCall{.city = pune})); // without an issue: never on top
    fold();
    EXPECT_EQ(state("Maharashtra").at("top_issue"), "Water");
    add(MadeCall{.city = nagpur, .issue = "Fire"});
    fold();
    EXPECT_EQ(state("Maharashtra").at("top_issue"), "Fire"); // equals: the first by name
    sql("DELETE FROM calls WHERE primary_issue_category IS NOT NULL");
    fold();
    EXPECT_EQ(state("Maharashtra").at("top_issue"), "No Issues Reported");
}

TEST_F(IndiaMap, OrderIsByCallsThenName) {
    add(times(1, MadeCall{.city = add_city("Surat", "Gujarat")}));
    add(times(2, MadeCall{.city = add_city("Pune", "Maharashtra")}));
    const int thane = add_city("Thane", "Maharashtra");
    const int akola = add_city("Akola", "Maharashtra");
    add(times(1, MadeCall{.city = thane}));
    add(times(1, MadeCall{.city = akola}));
    add(times(4, MadeCall{.city = add_city("Chennai", "Tamil Nadu")}));
    add_city("Patna", "Bihar");
    fold();
    std::string order;
    const auto states = data(map_path);
    for (const auto& entry : states.as_array()) {
        order += std::string(entry.at("state").as_string()) + ": ";
        for (const auto& city : entry.at("cities").as_array())
            order += std::string(city.at("name").as_string()) + " ";
    }
    EXPECT_EQ(order,
              "Maharashtra: Pune Akola Thane Tamil Nadu: Chennai Gujarat: Surat Bihar: Patna ");
}

TEST_F(IndiaMap, RiskIsOfTheScoreAsServed) {
    const int pune = add_city("Pune", "Maharashtra");
    const auto at = [&](int sop) {
        sql("DELETE FROM calls");
        add(MadeCall{.city = pune, .sop = sop});
        fold();
        const auto found = state("Maharashtra");
        return json::serialize(found.at("overall_sop_score")) + " " +
               std::string(found.at("risk_level").as_string());
    };
    EXPECT_EQ(at(5949), "5.9E-1 high");
    EXPECT_EQ(at(5950), "6E-1 medium");
    EXPECT_EQ(at(8049), "8E-1 medium");
    EXPECT_EQ(at(8050), "8.1E-1 low");
}

TEST_F(IndiaMap, NarrowsToARange) {
    const int pune = add_city("Pune", "Maharashtra");
    add(MadeCall{.city = pune, .issue = "Old", .at = "2025-12-31 23:59:59+05:30", .sop = 1000});
    add(MadeCall{.city = pune, .issue = "New", .at = "2026-01-01 00:00:00+05:30", .sop = 9000});
    add(MadeCall{.at = "2026-01-01 00:00:00+05:30"});
    fold();
    const auto found = state("Maharashtra", "?from=2026-01-01&to=2026-01-02");
    EXPECT_EQ(found.at("top_issue"), "New");
    EXPECT_EQ(found.at("overall_sop_score"), 0.9);
    EXPECT_EQ(found.at("total_call_volume_pct"), 50.0);
    EXPECT_EQ(refusal(get(std::string(map_path) + "?to=tomorrow")), "400 query.date");
}

} // namespace

} // namespace hs::test
