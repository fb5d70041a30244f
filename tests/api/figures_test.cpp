#include "api/figures_test.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

struct Shared {
    SpeechImposter speech;
    WholeServer server{speech, {}, "serve"};
};

std::unique_ptr<Shared> shared;

class EndShared final : public ::testing::Environment {
    void TearDown() override { shared.reset(); }
};

[[maybe_unused]] const auto* const registered =
    ::testing::AddGlobalTestEnvironment(new EndShared); // NOLINT: gtest owns it

constexpr const char* tenant = "'00000000-0000-7000-8000-000000000001'";

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += c;
        out += c;
    }
    return out + "'";
}

std::string score(int points) {
    return fmt::format("{}.{:04}", points / 10000, points % 10000);
}

std::string document(const MadeCall& call) {
    json::array answers;
    answers.push_back(json::object{{"question_id", "greeting_of_all"}, {"state", "pass"}});
    for (const auto& rule : call.missed)
        answers.push_back(json::object{{"question_id", rule}, {"state", "fail"}});
    for (const auto& rule : call.met)
        answers.push_back(json::object{{"question_id", rule}, {"state", "pass"}});
    for (const auto& rule : call.unsure)
        answers.push_back(json::object{{"question_id", rule}, {"state", "needs_review"}});
    return json::serialize(json::object{{"answers", std::move(answers)}});
}

std::string judgement(const MadeCall& call, const std::string& id) {
    return fmt::format(
        "INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
        "scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, document, "
        "scored, provisional, coverage, reason) VALUES ({0}, {1}, {1}, {1}, 'k', 1, 'h', 'rules', "
        "'t', 'v', {11}, {2}, {10}, 1, 'first');"
        "INSERT INTO call_insights (tenant_id, call_id, evaluation_id, language_spoken, "
        "sop_compliance_score, sentiment_stabilization_score, resolution_validity_score, "
        "overall_quality_score, escalation_risk, why_flagged, resolution_analysis, "
        "coaching_insight, scored, provisional, coverage) VALUES ({0}, {1}, {1}, {9}, {3}, {4},"
        "1, {5}, {6}, 'because', '{{\"resolved\": {7}}}', {8}, {2}, {10}, 1);",
        tenant,
        id,
        call.scored,
        score(call.sop),
        score(call.sentiment),
        score(call.quality),
        call.escalated,
        call.resolved,
        quoted(call.coaching),
        quoted(call.language),
        call.provisional,
        quoted(document(call)));
}

std::string kind_of(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "bool";
    case json::kind::int64:
    case json::kind::uint64: return "int";
    case json::kind::double_: return "num";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    }
    return "";
}

std::string keys_of(const json::object& object) {
    std::string keys;
    for (const auto& member : object)
        keys += std::string(member.key()) + " ";
    return keys;
}

std::string
difference_at(const std::string& path, const json::value& sample, const json::value& live) {
    if (sample.is_null() || live.is_null()) return "";
    if (sample.kind() != live.kind())
        return fmt::format("{}: {} for {}; ", path, kind_of(live), kind_of(sample));
    if (const auto* const array = sample.if_array()) {
        if (array->empty() || live.get_array().empty()) return "";
        return difference_at(path + "[]", array->front(), live.get_array().front());
    }
    const auto* const object = sample.if_object();
    if (object == nullptr) return "";
    const auto expected = keys_of(*object);
    if (const auto found = keys_of(live.get_object()); found != expected)
        return fmt::format("{}: keys {}instead of {}; ", path, found, expected);
    std::string differences;
    for (const auto& member : *object) {
        const auto name = std::string(member.key());
        differences += difference_at(path + "." + name, member.value(), live.at(name));
    }
    return differences;
}

} // namespace

WholeServer& FiguresTest::server() {
    if (!shared) shared = std::make_unique<Shared>();
    return shared->server;
}

void FiguresTest::SetUp() {
    sql("DELETE FROM calls; DELETE FROM agents; DELETE FROM cities;");
    fold();
}

void FiguresTest::sql(const std::string& text) {
    auto connection = pg::BlockingConnection::open(server().database().superuser_url(), 10);
    if (!connection) throw std::runtime_error(connection.error().message);
    connection->script(text);
}

json::value FiguresTest::data(const std::string& path) {
    const auto reply = get(path);
    EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
    const auto body = json_of(reply);
    return reply.status == 200 ? body.at("data") : json::value();
}

std::string FiguresTest::add_agent(const std::string& name, const std::string& employee_id) {
    json::object body{{"name", name}};
    if (!employee_id.empty()) body["employee_id"] = employee_id;
    const auto reply = server().post_json("/api/agents", json::serialize(body));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return std::string(json_of(reply).at("id").as_string());
}

int FiguresTest::add_city(const std::string& name, const std::string& state) {
    json::object body{{"name", name}, {"latitude", 18.5}, {"longitude", 73.25}};
    if (!state.empty()) body["state"] = state;
    const auto reply = server().post_json("/api/cities", json::serialize(body));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return static_cast<int>(json_of(reply).at("id").as_int64());
}

std::string calls_sql(const std::vector<MadeCall>& calls) {
    static int number = 0;
    std::string text;
    for (const auto& call : calls) {
        const auto id = fmt::format("'00000000-0000-4000-9000-{:012x}'", ++number);
        text += fmt::format(
            "INSERT INTO calls (tenant_id, id, agent_id, city_id, audio_url, call_timestamp, "
            "primary_issue_category, duration_seconds, processing_status) "
            "VALUES ({}, {}, {}, {}, 'local:x', {}, {}, 60, {});",
            tenant,
            id,
            call.agent ? quoted(*call.agent) : "NULL",
            call.city ? std::to_string(*call.city) : "NULL",
            quoted(call.at),
            call.issue.empty() ? "NULL" : quoted(call.issue),
            call.analysed ? "'analyzed'" : "'pending'");
        if (call.analysed) text += judgement(call, id);
    }
    return text;
}

void FiguresTest::add(const std::vector<MadeCall>& calls) {
    const auto text = calls_sql(calls);
    if (!text.empty()) sql(text);
}

std::string fold_sql() {
    constexpr const char* figures =
        "count(*), count(*) FILTER (WHERE analysed), count(*) FILTER (WHERE provisional), "
        "count(*) FILTER (WHERE escalated), count(*) FILTER (WHERE emergency), sum(seconds), "
        "count(quality), coalesce(sum(quality), 0), count(sop), coalesce(sum(sop), 0), "
        "count(sentiment), coalesce(sum(sentiment), 0), count(resolution), "
        "coalesce(sum(resolution), 0), count(communication), coalesce(sum(communication), 0), "
        "count(priority), coalesce(sum(priority), 0)";
    std::string text = "BEGIN; DELETE FROM rollup_outbox;";
    const std::vector<std::pair<std::string, std::string>> rollups{
        {"agent", "coalesce(agent_id, '00000000-0000-0000-0000-000000000000')"},
        {"city", "coalesce(city_id, 0)"},
        {"issue", "coalesce(issue, '')"},
        {"city_issue", "coalesce(city_id, 0), coalesce(issue, '')"}};
    for (const auto& [name, key] : rollups) {
        text += fmt::format(
            "DELETE FROM rollup_{0}; INSERT INTO rollup_{0} SELECT tenant_id, grain, bucket, {1}, "
            "{2} FROM call_facts, LATERAL (VALUES ('day', day), ('month', date_trunc('month', day)"
            "::date), ('all', date '1970-01-01')) AS g (grain, bucket) GROUP BY 1, 2, 3, {1};",
            name,
            key,
            figures);
    }
    text += "DELETE FROM rule_outbox; DELETE FROM rollup_rule; INSERT INTO rollup_rule "
            "SELECT f.tenant_id, n.whose, g.grain, g.bucket, n.rule_id, sum(n.is_met), "
            "sum(n.is_missed), sum(n.is_unsure) FROM rule_facts f, "
            "LATERAL rule_figures(f.agent_id, f.city_id, f.met, f.missed, f.unsure) AS n, "
            "LATERAL (VALUES ('day', f.day), ('month', date_trunc('month', f.day)::date), "
            "('all', date '1970-01-01')) AS g (grain, bucket) GROUP BY 1, 2, 3, 4, 5;";
    text += fmt::format("INSERT INTO data_versions VALUES ({}, 1, now()) ON CONFLICT (tenant_id) "
                        "DO UPDATE SET version = data_versions.version + 1; COMMIT;",
                        tenant);
    return text;
}

void FiguresTest::fold() {
    sql(fold_sql());
}

std::string FiguresTest::day(int from_today) {
    return server()
        .database()
        .sql(fmt::format("SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date + {}", from_today))
        .front();
}

std::string FiguresTest::month(int from_this) {
    return server()
        .database()
        .sql(fmt::format("SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Kolkata') + {} * "
                         "interval '1 month')::date",
                         from_this))
        .front();
}

std::string detail(const HttpReply& reply) {
    const auto body = json_of(reply);
    return std::string(body.at("detail").as_string());
}

std::string shape_difference(const json::value& sample, const json::value& live) {
    return difference_at("", sample, live);
}

json::value sample_reply(const std::string& name) {
    const auto path = std::string(HS_SOURCE_DIR) + "/tests/data/replies/" + name + ".json";
    return parse_json(read_file(path).value()).value();
}

} // namespace hs::test
