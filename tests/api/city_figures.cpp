// A city's figures and the list of cities.
#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class CityFigures : public FiguresTest {
protected:
    static std::string path(int city) { return "/api/cities/" + std::to_string(city); }
};

TEST_F(CityFigures, HaveTheShapeOfTheContract) {
    const int pune = add_city("Pune", "Maharashtra");
    const int surat = add_city("Surat", "Gujarat");
    add(MadeCall{.city = pune});
    fold();
    sql(fmt::format("INSERT INTO city_insights (tenant_id, city_id, daily_ops_insight, "
                    "key_operational_risks) SELECT id, {}, 'Refunds lead.', '{{a,b}}' FROM tenants",
                    pune));
    fold();
    EXPECT_EQ(shape_difference(sample_reply("city-detail"), get_json(path(pune))), "");
    EXPECT_EQ(shape_difference(sample_reply("city-details"), get_json(path(pune) + "/details")),
              "");
    EXPECT_EQ(shape_difference(sample_reply("city-detail-empty"), get_json(path(surat))), "");
    EXPECT_EQ(shape_difference(sample_reply("cities"), get_json("/api/cities")), "");
    EXPECT_EQ(data(path(surat)).at("message"), "No detailed insights available for this city yet.");
    EXPECT_THAT(get(path(pune)).body, HasSubstr(R"("operational_risks":["a","b"])"));
}

TEST_F(CityFigures, DetailsOfAnEmptyCityAreZerosAndNulls) {
    const int surat = add_city("Surat", "Gujarat");
    const auto reply = get(path(surat) + "/details");
    EXPECT_EQ(shape_difference(sample_reply("city-details").at("city"), json_of(reply).at("city")),
              "");
    EXPECT_THAT(reply.body,
                HasSubstr(R"("risk_level":"unknown","analyzed_calls":0,"total_calls":0)"));
    EXPECT_THAT(reply.body, HasSubstr(R"("insights":{"daily_ops_insight":null,)"));
    EXPECT_EQ(reply.header("link"), "<" + path(surat) + ">; rel=\"canonical\"");
}

TEST_F(CityFigures, MetricsAndVolume) {
    const int pune = add_city("Pune", "Maharashtra");
    std::vector<MadeCall> calls;
    for (int i = 0; i < 7; ++i)
        calls.push_back(
            {.city = pune, .at = month(-1) + " 12:00:00+05:30", .quality = 6000, .sop = 5949});
    for (int i = 0; i < 8; ++i)
        calls.push_back(
            {.city = pune, .at = month() + " 00:00:00+05:30", .quality = 7001, .sop = 5951});
    calls.back().escalated = true;
    add(calls);
    add(MadeCall{.city = pune, .at = "2025-01-01 00:00:00+05:30", .analysed = false});
    fold();
    const auto body = get(path(pune)).body;
    EXPECT_THAT(body, HasSubstr(R"("avg_quality_score":0.6534,"avg_sop_compliance":0.595,)"));
    EXPECT_THAT(body, HasSubstr(R"("prev_month_quality":0.6,"prev_month_sop":0.5949,)"));
    // 0.59500666… is served as 0.6 with two decimals: no longer high.
    EXPECT_THAT(
        body,
        HasSubstr(R"("quality_trend":"Improving","risk_level":"medium","analyzed_calls":15)"));
    EXPECT_THAT(body,
                HasSubstr(R"("monthly_volume":8,"prev_monthly_volume":7,)"
                          R"("volume_growth_pct":14.3,"total_calls":16)"));
}

TEST_F(CityFigures, GrowthFallsToo) {
    const int pune = add_city("Pune", "Maharashtra");
    std::vector<MadeCall> calls(16, MadeCall{.city = pune, .at = month(-1) + " 12:00:00+05:30"});
    calls.push_back({.city = pune, .at = month() + " 00:00:00+05:30"});
    add(calls);
    fold();
    // 1 after 16: -93.75, half away from zero.
    EXPECT_THAT(get(path(pune)).body, HasSubstr(R"("volume_growth_pct":-93.8,)"));
}

TEST_F(CityFigures, AnEmptyRangeIsNoEmptyCity) {
    const int pune = add_city("Pune", "Maharashtra");
    add(MadeCall{.city = pune});
    fold();
    const auto found = data(path(pune) + "?from=2020-01-01&to=2020-02-01");
    EXPECT_EQ(found.at("volume").at("total_calls"), 0);
    EXPECT_EQ(found.at("metrics").at("risk_level"), "unknown");
}

TEST_F(CityFigures, UnknownAndMalformedNumbers) {
    for (const std::string end : {"", "/details"}) {
        const auto unknown = get("/api/cities/99999999" + end);
        EXPECT_EQ(refusal(unknown), "404 city.not_found");
        EXPECT_EQ(detail(unknown), "City with ID 99999999 not found");
        for (const auto* wrong : {"x", "1.0", "-1", "+1", "99999999999", "%20"}) {
            const auto reply = get("/api/cities/" + std::string(wrong) + end);
            EXPECT_EQ(refusal(reply), "404 city.not_found") << wrong;
            EXPECT_EQ(detail(reply), "City not found") << wrong;
        }
    }
    EXPECT_EQ(refusal(get("/api/cities/1?from=now")), "400 query.date");
}

TEST_F(CityFigures, ListsPageInOrder) {
    for (const auto* name : {"Pune", "Nagpur", "Chennai", "Surat", "Agra"})
        add_city(name);
    std::string names;
    std::string next = "/api/cities?limit=2";
    for (int pages = 0; pages < 5 && !next.empty(); ++pages) {
        const auto reply = get(next);
        const auto body = json_of(reply);
        for (const auto& city : body.at("data").as_array())
            names += std::string(city.at("name").as_string()) + " ";
        const auto& cursor = body.at("next_cursor");
        next =
            cursor.is_null() ? "" : "/api/cities?limit=2&cursor=" + std::string(cursor.as_string());
        EXPECT_EQ(reply.header("link").empty(), next.empty());
    }
    EXPECT_EQ(names, "Agra Chennai Nagpur Pune Surat ");
    EXPECT_FALSE(get_json("/api/cities").as_object().contains("next_cursor"));
    EXPECT_EQ(refusal(get("/api/cities?cursor=abc")), "400 cursor.invalid");
}

TEST_F(CityFigures, BeyondTheCapTheLinkGoesOn) {
    sql("INSERT INTO cities (tenant_id, name, name_key) SELECT t.id, to_char(i, 'FM00000'), "
        "to_char(i, 'FM00000') FROM tenants t, generate_series(1, 5002) i");
    const auto cut = get("/api/cities");
    EXPECT_EQ(json_of(cut).at("data").as_array().size(), 5000U);
    const auto link = cut.header("link");
    ASSERT_FALSE(link.empty());
    const auto rest = data(link.substr(1, link.find('>') - 1)).as_array();
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(rest.front().at("name"), "05001");
}

} // namespace

} // namespace hs::test
