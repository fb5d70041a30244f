// Lists of calls by a missed rule and by what people have looked at, and lists of chosen members;
// the lists of /config.
#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* first_id = "(SELECT id FROM calls ORDER BY call_timestamp LIMIT 1)";

class CallFilters : public FiguresTest {
protected:
    /// External ids of all pages, newest call first.
    static std::string listed(const std::string& query, int limit = 2) {
        std::string text;
        std::string next = fmt::format("/api/calls?{}&limit={}", query, limit);
        for (int pages = 0; pages < 20 && !next.empty(); ++pages) {
            const auto reply = get(next);
            EXPECT_EQ(reply.status, 200) << reply.body;
            const auto body = json_of(reply);
            for (const auto& row : body.at("data").as_array())
                text += std::string(row.at("external_id").as_string()) + " ";
            const auto link = reply.header("link");
            next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        }
        return text;
    }

    static int counted(const std::string& query) {
        return static_cast<int>(get_json("/api/calls?count=true&" + query).at("count").as_int64());
    }

    /// Calls named 1, 2, … from old to new, each with the rules it missed.
    static void add_missing(const std::vector<std::vector<std::string>>& missed) {
        std::vector<MadeCall> calls;
        for (std::size_t i = 0; i < missed.size(); ++i)
            calls.push_back(
                {.at = fmt::format("2026-02-{:02} 12:00:00+05:30", i + 1), .missed = missed[i]});
        add(calls);
        sql("UPDATE calls c SET external_id = n.place FROM (SELECT id, row_number() OVER (ORDER BY "
            "call_timestamp) AS place FROM calls) n WHERE n.id = c.id");
    }

    static std::vector<std::string> keys(const json::value& object) {
        std::vector<std::string> out;
        for (const auto& member : object.as_object())
            out.emplace_back(member.key());
        return out;
    }
};

TEST_F(CallFilters, RuleNamesTheCallsThatMissedIt) {
    add_missing({{"greeting", "empathy"}, {}, {"empathy"}, {"greeting"}, {"empathy", "closing"}});
    EXPECT_EQ(listed("rule=empathy"), "5 3 1 ");
    EXPECT_EQ(listed("rule=empathy", 1), "5 3 1 ");
    EXPECT_EQ(listed("rule=empathy&sort=call_timestamp"), "1 3 5 ");
    EXPECT_EQ(listed("rule=greeting&from=2026-02-02"), "4 ");
    EXPECT_EQ(listed("rule=greeting_of_all"), "") << "a rule that was kept is not missed";
    EXPECT_EQ(listed("rule=Empathy"), "");
    EXPECT_EQ(counted("rule=empathy"), 3);
    EXPECT_EQ(refusal(get("/api/calls?rule=")), "400 query.invalid");
}

TEST_F(CallFilters, RuleFollowsTheCurrentEvaluation) {
    add_missing({{"empathy"}, {"empathy"}});
    // Judged again: the new evaluation misses another rule.
    sql(fmt::format(
        "INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
        "scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, document, "
        "scored, provisional, coverage, reason) SELECT tenant_id, gen_random_uuid(), call_id, "
        "transcript_id, 'k', 2, 'h', 'rules', 't', 'w', '{{\"answers\": [{{\"question_id\": "
        "\"closing\", \"state\": \"fail\"}}]}}', true, false, 1, 'forced' FROM evaluations "
        "WHERE call_id = {0};"
        "UPDATE call_insights SET evaluation_id = (SELECT id FROM evaluations WHERE "
        "scorecard_version = 2) WHERE call_id = {0}",
        first_id));
    EXPECT_EQ(listed("rule=empathy"), "2 ");
    EXPECT_EQ(listed("rule=closing"), "1 ");
    sql(fmt::format("DELETE FROM calls WHERE id = {}", first_id));
    EXPECT_EQ(listed("rule=closing"), "");
    EXPECT_EQ(server().database().count("SELECT count(*) FROM missed_rules"), 1);
}

TEST_F(CallFilters, ReviewedIsWhatAPersonHasJudgedOrRemarkedOn) {
    add_missing({{}, {"empathy"}, {"empathy"}});
    EXPECT_EQ(listed("reviewed=true"), "");
    EXPECT_EQ(listed("reviewed=false"), "3 2 1 ");
    const auto second = json_of(get("/api/calls?external_id=2")).at("data").at(0).at("call_id");
    const auto path = "/api/calls/" + std::string(second.as_string());
    const auto made = server().post_json(
        path + "/overrides", R"({"field":"overall_quality","value":0.5,"reason":"heard it"})");
    ASSERT_EQ(made.status, 201) << made.body;
    sql(fmt::format("INSERT INTO remarks (tenant_id, id, call_id, text, principal) SELECT "
                    "tenant_id, gen_random_uuid(), id, 'Good.', 'p' FROM calls WHERE id = {}",
                    first_id));
    EXPECT_EQ(listed("reviewed=true"), "2 1 ");
    EXPECT_EQ(listed("reviewed=true", 1), "2 1 ");
    EXPECT_EQ(listed("reviewed=false"), "3 ");
    EXPECT_EQ(listed("reviewed=true&rule=empathy"), "2 ");
    EXPECT_EQ(counted("reviewed=true"), 2);
    sql("UPDATE overrides SET withdrawn_at = now(), withdrawn_by = 'p'");
    EXPECT_EQ(listed("reviewed=true"), "1 ");
    EXPECT_EQ(refusal(get("/api/calls?reviewed=yes")), "400 query.choice");
}

TEST_F(CallFilters, FieldsChooseMembers) {
    add_missing({{}, {}});
    const auto whole = get_json("/api/calls?limit=1").at("data").at(0);
    EXPECT_EQ(keys(whole).size(), 18U);
    const auto some = get_json("/api/calls?limit=1&fields=scores,call_id,agent").at("data").at(0);
    EXPECT_THAT(keys(some), ElementsAre("call_id", "agent", "scores"));
    for (const auto* name : {"call_id", "agent", "scores"})
        EXPECT_EQ(some.at(name), whole.at(name)) << name;
    EXPECT_THAT(get("/api/calls?fields=scores").body, HasSubstr(R"("communication":0.0)"));
    // What is shown does not decide which calls: one cursor is good for both.
    const auto page = get_json("/api/calls?limit=1&fields=call_id");
    const std::string cursor(page.at("next_cursor").as_string());
    EXPECT_EQ(get("/api/calls?limit=1&cursor=" + cursor).status, 200);
    for (const auto* wrong : {"", "name", "call_id,", "call_id,%20agent", "agent.name"})
        EXPECT_EQ(refusal(get(std::string("/api/calls?fields=") + wrong)), "400 query.choice");
}

// --- /config ------------------------------------------------------------------------------------

class ConfigLists : public FiguresTest {
protected:
    static std::string category(const std::string& name) {
        const auto body = get_json("/config/issue-categories");
        for (const auto& entry : body.at("categories").as_array())
            if (entry.at("name").as_string() == name)
                return std::string(entry.at("source").as_string());
        return "none";
    }
};

TEST_F(ConfigLists, ObservedCategoriesAreThoseThatCallsHave) {
    add({{.issue = "Lost helmet"}, {.issue = "Lost helmet", .analysed = false}});
    EXPECT_EQ(category("Lost helmet"), "none") << "not folded yet: the calls are not read";
    fold();
    EXPECT_EQ(category("Lost helmet"), "observed");
    EXPECT_EQ(category("Emergency Service"), "configured");
    sql("DELETE FROM calls WHERE id = (SELECT id FROM calls LIMIT 1)");
    fold();
    EXPECT_EQ(category("Lost helmet"), "observed");
    sql("UPDATE calls SET primary_issue_category = 'Found helmet'");
    fold();
    EXPECT_EQ(category("Lost helmet"), "none");
    EXPECT_EQ(category("Found helmet"), "observed");
    // Sums of nothing may stay until the nightly audit; nobody observes them.
    sql("UPDATE rollup_issue SET calls = 0 WHERE issue = 'Found helmet'; "
        "UPDATE data_versions SET version = version + 1");
    EXPECT_EQ(category("Found helmet"), "none");
}

TEST_F(ConfigLists, NamesAndAliasesOfCategoriesAreNotObserved) {
    const auto added = server().post_json("/api/issue-categories",
                                          R"({"name":"Vehicle Return","aliases":["give back"]})");
    ASSERT_EQ(added.status, 201) << added.body;
    add({{.issue = "vehicle  RETURN"}, {.issue = "Give Back"}});
    fold();
    // As long as the facts of older calls are not rewritten, sums carry the name as it was sent.
    sql("INSERT INTO rollup_issue SELECT tenant_id, grain, bucket, 'GIVE back', calls, analysed, "
        "provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, "
        "sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, "
        "communication_count, communication_sum, priority_count, priority_sum FROM rollup_issue "
        "WHERE grain = 'all' AND issue = 'Vehicle Return'; "
        "UPDATE data_versions SET version = version + 1");
    EXPECT_EQ(category("Vehicle Return"), "configured");
    for (const auto* name : {"vehicle  RETURN", "Give Back", "GIVE back"})
        EXPECT_EQ(category(name), "none") << name;
    sql("DELETE FROM issue_categories WHERE name = 'Vehicle Return'");
}

TEST_F(ConfigLists, PagesAreTheWholeListInPieces) {
    for (const auto* name : {"Meera", "Nikhil", "Meera", "Sana", "Zoe"})
        add_agent(name);
    for (const auto* name : {"Pune", "Agra", "Surat"})
        add_city(name);
    add({{.issue = "A"}, {.issue = "ZZ"}, {.issue = "Lost helmet"}});
    fold();
    for (const std::string path : {"/config/agents",
                                   "/config/cities",
                                   "/config/issue-categories",
                                   "/config/call-contexts"}) {
        const auto whole = get_json(path);
        EXPECT_FALSE(whole.as_object().contains("next_cursor"));
        json::array pieces;
        std::string next = path + "?limit=2";
        for (int pages = 0; pages < 60 && !next.empty(); ++pages) {
            const auto reply = get(next);
            ASSERT_EQ(reply.status, 200) << reply.body;
            const auto body = json_of(reply);
            EXPECT_LE(body.at("data").as_array().size(), 2U);
            for (const auto& row : body.at("data").as_array())
                pieces.push_back(row);
            const auto link = reply.header("link");
            EXPECT_EQ(link.empty(), body.at("next_cursor").is_null());
            next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        }
        EXPECT_EQ(json::value(pieces), whole.at("data")) << path;
        EXPECT_EQ(refusal(get(path + "?limit=0")), "400 query.range");
        EXPECT_EQ(refusal(get(path + "?limit=201")), "400 query.range");
        EXPECT_EQ(refusal(get(path + "?cursor=x")), "400 cursor.invalid");
        const auto tag = get(path + "?limit=1").header("etag");
        EXPECT_EQ(get(path, "If-None-Match: " + tag + "\r\n").status, 200) << "another page";
    }
    const auto page = get_json("/config/agents?limit=1");
    const std::string cursor(page.at("next_cursor").as_string());
    EXPECT_EQ(refusal(get("/config/cities?cursor=" + cursor)), "400 cursor.invalid");
}

TEST_F(ConfigLists, BeyondTheCapTheLinkGoesOn) {
    sql("INSERT INTO agents (tenant_id, id, name, name_key) SELECT t.id, gen_random_uuid(), "
        "to_char(i, 'FM00000'), to_char(i, 'FM00000') "
        "FROM tenants t, generate_series(1, 10002) i");
    fold();
    const auto cut = get("/config/agents");
    EXPECT_EQ(json_of(cut).at("data").as_array().size(), 10000U);
    const auto link = cut.header("link");
    ASSERT_FALSE(link.empty());
    const auto rest = get_json(link.substr(1, link.find('>') - 1));
    EXPECT_EQ(rest.at("data").as_array().size(), 2U);
}

} // namespace

} // namespace hs::test
