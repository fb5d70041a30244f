// Turns found by their words.
#include "api/api_test.hpp"
#include "base/text.hpp"

namespace hs::test {

namespace {

class Search : public ApiTest {
protected:
    static json::value found(const std::string& query) {
        const auto reply = get("/api/search?" + query);
        EXPECT_EQ(reply.status, 200) << query << " " << reply.body;
        return json_of(reply).at("data");
    }

    /// Of the analysed call's first turn, in which the agent speaks.
    static std::string first_word() {
        const auto& call = analysed_call();
        const auto turns = get_json("/api/calls/" + call + "/transcript").at("turns").as_array();
        const std::string text(turns.at(0).at("text").as_string());
        return text.substr(0, text.find_first_of(" ,."));
    }

    static std::string refused(const std::string& query) {
        return refusal(get("/api/search?" + query));
    }
};

TEST_F(Search, ATurnIsFoundWithItsTimeAndTheWordsPlace) {
    const auto word = first_word();
    const auto calls = found("q=" + word).as_array();
    ASSERT_FALSE(calls.empty()) << word;
    const auto& hit = calls.front(); // the newest that says it
    const std::string id(hit.at("call_id").as_string());
    const auto& turn = hit.at("turns").at(0);
    const auto number = static_cast<std::size_t>(turn.at("turn").as_int64());
    const auto turns = get_json("/api/calls/" + id + "/transcript").at("turns").as_array();
    const std::string text(turns.at(number - 1).at("text").as_string());
    EXPECT_EQ(turn.at("text").as_string(), text);
    const auto& place = turn.at("highlights").at(0);
    const auto from = static_cast<std::size_t>(place.at("from").as_int64());
    const auto to = static_cast<std::size_t>(place.at("to").as_int64());
    EXPECT_TRUE(iequals_ascii(text.substr(from, to - from), word)) << text;
    EXPECT_GT(turn.at("end_time").to_number<double>(), turn.at("start_time").to_number<double>());
}

TEST_F(Search, FiltersAndSidesNarrow) {
    const auto word = first_word();
    EXPECT_FALSE(found("q=" + word + "&speaker=agent").as_array().empty());
    const auto of_customers = found("q=" + word + "&speaker=customer");
    for (const auto& hit : of_customers.as_array())
        for (const auto& turn : hit.at("turns").as_array())
            EXPECT_EQ(turn.at("speaker").as_string(), "customer");
    EXPECT_TRUE(found("q=" + word + "&city_id=99999").as_array().empty());
    EXPECT_TRUE(found("q=" + word + "&to=2001-01-01").as_array().empty());
    EXPECT_FALSE(found("q=" + word + "&from=2001-01-01").as_array().empty());
    EXPECT_TRUE(found("q=xylophonist").as_array().empty());
    EXPECT_TRUE(found("q=%22" + word + "%20xylophonist%22").as_array().empty());
    EXPECT_TRUE(found("q=" + word + "%20-" + word).as_array().empty());
}

TEST_F(Search, PagesGoOnAfterTheLastCall) {
    (void)analysed_call();
    const auto another = call_id_of(server().upload(form())); // by the same words, a copy
    ASSERT_EQ(server().settled(another), "analyzed");
    const auto first = get_json("/api/search?q=the%20or%20you%20or%20is&limit=1");
    ASSERT_EQ(first.at("data").as_array().size(), 1U);
    ASSERT_TRUE(first.at("next_cursor").is_string());
    const std::string cursor(first.at("next_cursor").as_string());
    const auto second = get_json("/api/search?q=the%20or%20you%20or%20is&limit=1&cursor=" + cursor);
    ASSERT_EQ(second.at("data").as_array().size(), 1U);
    EXPECT_NE(second.at("data").at(0).at("call_id"), first.at("data").at(0).at("call_id"));
}

TEST_F(Search, WhatCannotBeAskedIsRefused) {
    EXPECT_EQ(refused(""), "400 query.required");
    EXPECT_EQ(refused("q="), "400 query.invalid");
    EXPECT_EQ(refused("q=a&mode=semantic"), "400 query.choice");
    EXPECT_EQ(refused("q=a&speaker=dog"), "400 query.choice");
    EXPECT_EQ(refused("q=a&limit=51"), "400 query.range");
    EXPECT_EQ(refused("q=a&from=2026-02-03T10:00:00Z"), "400 query.date");
    EXPECT_EQ(refused("q=a&agent_id=7"), "400 query.invalid");
    EXPECT_EQ(refused("q=a&cursor=x"), "400 cursor.invalid");
    EXPECT_EQ(refused("q=a&colour=red"), "400 query.unknown");
}

} // namespace

} // namespace hs::test
