// Scorecards as versions: made, put in force, compared, tried; over the whole program.
#include <fmt/format.h>

#include "api/api_test.hpp"
#include "base/files.hpp"
#include "support/scorecard_documents.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

class ScorecardsTest : public ApiTest {
protected:
    ScorecardsTest() { add_directory(own); }

    HttpReply post(const std::string& path, const json::object& body) {
        return own.post_json(path, json::serialize(body));
    }

    HttpReply add(const CardOptions& options) {
        return post("/api/scorecards/" + options.key + "/versions",
                    {{"content", scorecard_document(options)}, {"note", "for a test"}});
    }

    HttpReply activate(const std::string& version) {
        return own.ask("POST /api/scorecards/" + version + "/activate");
    }

    json::object at(const std::string& path) {
        const auto reply = own.ask("GET " + path);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json_of(reply).as_object();
    }

    std::string judged_call(const std::string& category = "Battery Swap Failure") {
        auto sent = form();
        sent.set("issue_category", category);
        sent.file = corpus_bytes("calls/c01_perfect_swap.mp3"); // two tracks: an agent is heard
        const auto call = call_id_of(own.upload(sent));
        EXPECT_EQ(own.settled(call), "analyzed");
        return call;
    }

    std::string greeting_of(const std::string& call) {
        const auto evaluation = at("/api/calls/" + call + "/evaluations/" + current_of(call));
        for (const auto& answer : evaluation.at("answers").as_array())
            if (answer.at("question_id") == "greeting")
                return std::string(answer.at("state").as_string());
        return "not asked";
    }

    std::string current_of(const std::string& call) {
        return own.database()
            .sql("SELECT evaluation_id FROM call_insights WHERE call_id = '" + call + "'")
            .front();
    }

    /// "key@version" that judged the call's current evaluation.
    std::string judged_by(const std::string& call) {
        return own.database()
            .sql("SELECT scorecard_key || '@' || scorecard_version FROM evaluations WHERE id = '" +
                 current_of(call) + "'")
            .front();
    }

    SpeechImposter speech;
    WholeServer own{speech};
};

constexpr const char* shipped = "/api/scorecards/battery-swap-support";

TEST_F(ScorecardsTest, ShippedOnesAreThereFromTheStart) {
    const auto list = at("/api/scorecards").at("data").as_array();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].at("key"), "battery-swap-support");
    EXPECT_EQ(list[0].at("active_version"), 1);
    EXPECT_EQ(list[1].at("key"), "generic-support");
    EXPECT_TRUE(list[1].at("active_version").is_null());
    const auto one = at(shipped);
    EXPECT_EQ(one.at("active").at("origin"), "library");
    EXPECT_EQ(one.at("active").at("state"), "active");
    const auto version = at(std::string(shipped) + "/versions/1");
    EXPECT_EQ(text_of(version.at("content")),
              read_file(HS_SOURCE_DIR "/scorecards/battery-swap-support/1.yaml").value());
    // One identity: what an evaluation names is what the list names.
    const auto call = judged_call();
    EXPECT_EQ(own.database()
                  .sql("SELECT scorecard_hash FROM evaluations WHERE call_id = '" + call + "'")
                  .front(),
              text_of(version.at("content_hash")));
    EXPECT_EQ(at("/api/scorecards/generic-support/versions/1").at("extends"),
              "battery-swap-support@1");
    EXPECT_EQ(refusal(own.ask("GET /api/scorecards/none")), "404 scorecard.not_found");
    EXPECT_EQ(refusal(own.ask("GET /api/scorecards/none/versions")), "404 scorecard.not_found");
    EXPECT_EQ(refusal(own.ask("GET /api/scorecards/generic-support/versions/9")),
              "404 scorecard.version_not_found");
    EXPECT_EQ(refusal(own.ask("GET /api/scorecards/generic-support/versions/x")),
              "404 scorecard.version_not_found");
}

TEST_F(ScorecardsTest, AnActivatedVersionJudgesFromTheNextEvaluationOn) {
    const auto call = judged_call();
    EXPECT_EQ(greeting_of(call), "pass");
    const auto made = add({});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(json_of(made).at("state"), "draft");
    EXPECT_EQ(json_of(made).at("created_by"), "local");
    EXPECT_THAT(made.header("location"), HasSubstr("/battery-swap-support/versions/2"));
    // A draft judges nobody: the evaluation there is, is what judging now would give.
    EXPECT_EQ(own.ask("POST /api/calls/" + call + "/process").status, 200);
    EXPECT_EQ(judged_by(judged_call()), "battery-swap-support@1");

    const auto active = activate("battery-swap-support/versions/2");
    ASSERT_EQ(active.status, 200) << active.body;
    EXPECT_EQ(at(shipped).at("active_version"), 2);
    const auto fresh = judged_call();
    EXPECT_EQ(judged_by(fresh), "battery-swap-support@2");
    EXPECT_EQ(greeting_of(fresh), "fail");
    EXPECT_EQ(own.database()
                  .sql("SELECT scorecard_hash FROM evaluations WHERE call_id = '" + fresh + "'")
                  .front(),
              text_of(json_of(made).at("content_hash")));
    // The older evaluation is no longer what judging now would give.
    const auto again = own.ask("POST /api/calls/" + call + "/process", "Prefer: wait=20\r\n");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(judged_by(call), "battery-swap-support@2");

    // Back to the shipped one: by choosing it, or by taking the choice away.
    ASSERT_EQ(activate("battery-swap-support/versions/1").status, 200);
    EXPECT_EQ(at(std::string(shipped) + "/versions/2").at("state"), "retired");
    EXPECT_EQ(judged_by(judged_call()), "battery-swap-support@1");
    EXPECT_EQ(own.database().count("SELECT count(*) FROM active_scorecards"), 1);
    EXPECT_EQ(own.database().count("SELECT (SELECT count(*) FROM audit_outbox WHERE action = "
                                   "'scorecard.activate') + (SELECT count(*) FROM audit_log WHERE "
                                   "action = 'scorecard.activate')"),
              2);
}

TEST_F(ScorecardsTest, TheMostSpecificOneInForceJudges) {
    CardOptions refunds{.key = "refunds", .version = 1, .category = "Refund Request"};
    const auto made = post("/api/scorecards", {{"content", scorecard_document(refunds)}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(refusal(post("/api/scorecards", {{"content", scorecard_document(refunds)}})),
              "409 scorecard.exists");
    ASSERT_EQ(activate("refunds/versions/1").status, 200);
    EXPECT_EQ(judged_by(judged_call("Refund Request")), "refunds@1");
    EXPECT_EQ(judged_by(judged_call()), "battery-swap-support@1");
    const auto retired = own.ask("PATCH /api/scorecards/refunds",
                                 "Content-Type: application/json\r\n",
                                 R"({"status":"retired"})");
    ASSERT_EQ(retired.status, 200) << retired.body;
    EXPECT_TRUE(json_of(retired).at("active").is_null());
    EXPECT_EQ(judged_by(judged_call("Refund Request")), "battery-swap-support@1");
    EXPECT_EQ(refusal(own.ask("PATCH /api/scorecards/refunds",
                              "Content-Type: application/json\r\n",
                              R"({"status":"retired"})")),
              "409 scorecard.state");
    EXPECT_EQ(refusal(own.ask("PATCH /api/scorecards/refunds",
                              "Content-Type: application/json\r\n",
                              R"({"status":"draft"})")),
              "400 field.choice");
}

TEST_F(ScorecardsTest, ABadDocumentIsRefusedWithItsPlace) {
    const auto refused = [this](std::string content) {
        const auto reply = post("/api/scorecards/battery-swap-support/versions",
                                {{"content", std::move(content)}});
        EXPECT_EQ(reply.status, 422) << reply.body;
        const auto problem = json_of(reply);
        EXPECT_EQ(problem.at("code"), "scorecard.invalid");
        const auto& findings = problem.at("findings").as_array();
        if (findings.empty()) return std::string("no findings");
        const auto& first = findings.front();
        return fmt::format(
            "{} {}", std::string(first.at("code").as_string()), first.at("line").as_int64());
    };
    const auto good = scorecard_document({});
    const auto with = [&](const std::string& part, const std::string& other) {
        auto text = good;
        text.replace(text.find(part), part.size(), other);
        return text;
    };
    EXPECT_EQ(refused("scorecard: [1, 2"), "S00 1");
    EXPECT_EQ(refused(with("rules:", "colour: red\nrules:")), "S02 7");
    EXPECT_EQ(refused(with("'meta.issue_category in", "'@nobody or meta.issue_category in")),
              "E02 10");
    EXPECT_EQ(refused(with("want: fail", "want: pass")), "E07 14") << "its own test fails";
    EXPECT_EQ(refused(with("version: 2", "version: 7")), "S08 3");
    EXPECT_EQ(refused(with("key: battery-swap-support", "key: another")), "S08 2");
    EXPECT_EQ(refused(with("battery-swap-support@1", "battery-swap-support@8")), "S05 5");
    std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char name = 'b'; name <= 'h'; ++name) {
        const char last = static_cast<char>(name - 1);
        bomb +=
            fmt::format("{0}: &{0} [*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1}]\n", name, last);
    }
    EXPECT_EQ(refused(bomb + good), "S04 1");
    EXPECT_EQ(own.database().count("SELECT count(*) FROM scorecard_versions"), 0);
    EXPECT_EQ(refusal(post("/api/scorecards/battery-swap-support/versions", {{"content", ""}})),
              "400 field.required");
    EXPECT_EQ(refusal(post("/api/scorecards/none/versions", {{"content", good}})),
              "404 scorecard.not_found");
}

TEST_F(ScorecardsTest, ValidatingSaysTheSameAndStoresNothing) {
    const auto good = post("/api/scorecards/validate", {{"content", scorecard_document({})}});
    ASSERT_EQ(good.status, 200) << good.body;
    EXPECT_EQ(json_of(good).at("valid"), true);
    EXPECT_EQ(json_of(good).at("tests"), 1);
    auto wrong = scorecard_document({});
    wrong.replace(wrong.find("want: fail"), 10, "want: pass");
    const auto bad = post("/api/scorecards/validate", {{"content", wrong}});
    ASSERT_EQ(bad.status, 200) << bad.body;
    EXPECT_EQ(json_of(bad).at("valid"), false);
    EXPECT_EQ(json_of(bad).at("errors").at(0).at("line"), 14);
    // The same file, the same words: what the command says.
    const auto file = own.data_dir() / "wrong.yaml";
    ASSERT_TRUE(write_file_durably(file, wrong));
    const auto told = own.run({"rules", "test", file.string()});
    EXPECT_EQ(told.status, 1);
    EXPECT_THAT(told.output,
                HasSubstr(std::string(json_of(bad).at("errors").at(0).at("message").as_string())));
    EXPECT_EQ(own.database().count("SELECT count(*) FROM scorecard_versions"), 0);
    const auto stored = post("/api/scorecards/generic-support/versions/1/validate", {});
    ASSERT_EQ(stored.status, 200) << stored.body;
    EXPECT_EQ(json_of(stored).at("valid"), true) << stored.body;
    EXPECT_EQ(refusal(post("/api/scorecards/generic-support/versions/7/validate", {})),
              "404 scorecard.version_not_found");
}

TEST_F(ScorecardsTest, TryingJudgesOneCallAndStoresNothing) {
    const auto call = judged_call();
    const auto before = own.database().count("SELECT count(*) FROM evaluations");
    const auto tried =
        post("/api/scorecards/try", {{"content", scorecard_document({})}, {"call_id", call}});
    ASSERT_EQ(tried.status, 200) << tried.body;
    const auto result = json_of(tried);
    EXPECT_EQ(result.at("scorecard").at("version"), 2);
    EXPECT_EQ(result.at("flips"), 1);
    EXPECT_EQ(text_of(result.at("against")), current_of(call));
    for (const auto& answer : result.at("answers").as_array()) {
        const bool greeting = answer.at("question_id") == "greeting";
        EXPECT_EQ(answer.at("before") != answer.at("after"), greeting) << tried.body;
    }
    const auto same =
        post("/api/scorecards/battery-swap-support/versions/1/try", {{"call_id", call}});
    ASSERT_EQ(same.status, 200) << same.body;
    EXPECT_EQ(json_of(same).at("changed"), false);
    EXPECT_EQ(own.database().count("SELECT count(*) FROM evaluations"), before);
    EXPECT_EQ(own.database().count("SELECT count(*) FROM scorecard_versions"), 0);
    const std::string nobody = "00000000-0000-4000-8000-00000000abcd";
    EXPECT_EQ(
        refusal(post("/api/scorecards/battery-swap-support/versions/1/try", {{"call_id", nobody}})),
        "404 call.not_found");
    EXPECT_EQ(refusal(post("/api/scorecards/try", {{"content", "a: 1"}, {"call_id", call}})),
              "422 scorecard.invalid");
}

TEST_F(ScorecardsTest, VersionsAreListedByPagesAndComparedLineByLine) {
    ASSERT_EQ(add({}).status, 201);
    ASSERT_EQ(add({.version = 3, .greeting = "pass"}).status, 201);
    const auto page = at(std::string(shipped) + "/versions?limit=2");
    ASSERT_EQ(page.at("data").as_array().size(), 2U);
    EXPECT_EQ(page.at("data").at(0).at("version"), 3);
    const auto next = at(std::string(shipped) + "/versions?limit=2&cursor=" +
                         std::string(page.at("next_cursor").as_string()));
    ASSERT_EQ(next.at("data").as_array().size(), 1U);
    EXPECT_EQ(next.at("data").at(0).at("version"), 1);
    const auto diff = at(std::string(shipped) + "/versions/3/diff?against=2");
    std::string added;
    for (const auto& line : diff.at("lines").as_array())
        if (line.at("change") == "added") added += std::string(line.at("text").as_string()) + "|";
    EXPECT_THAT(added, HasSubstr("  version: 3|"));
    EXPECT_THAT(added, HasSubstr("    else: pass|"));
    EXPECT_EQ(refusal(own.ask("GET " + std::string(shipped) + "/versions/3/diff")),
              "400 query.required");
    EXPECT_EQ(refusal(own.ask("GET " + std::string(shipped) + "/versions/3/diff?against=9")),
              "404 scorecard.version_not_found");
}

TEST_F(ScorecardsTest, AChoiceOutlivesTheProgram) {
    ASSERT_EQ(add({}).status, 201);
    ASSERT_EQ(activate("battery-swap-support/versions/2").status, 200);
    own.kill();
    own.start();
    EXPECT_EQ(judged_by(judged_call()), "battery-swap-support@2");
}

} // namespace
} // namespace hs::test
