// A database of the reference implementation taken over twice, and what HTTP and the views say of
// it.
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <sys/wait.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"
#include "pg/conninfo.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The five tables as the reference made them, with rows of every kind. The checks that the
/// reference added later are left out, so that rows can break them.
constexpr const char* source_schema = R"(
CREATE SCHEMA ref; SET search_path = ref;
CREATE TABLE cities (id serial PRIMARY KEY, name varchar(100) NOT NULL, state varchar(100));
CREATE TABLE agents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(150) NOT NULL,
    employee_id varchar(50) UNIQUE, languages text[], current_quality_score decimal(5,4) DEFAULT 0.0,
    calls_handled_total int DEFAULT 0, latest_month_insight text, overall_insight_text text,
    latest_change_summary text, insight_history jsonb DEFAULT '[]', recent_trend_array jsonb DEFAULT '[]',
    last_insight_generated_at timestamp, last_updated_at timestamp DEFAULT now());
CREATE TABLE calls (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), agent_id uuid, city_id int,
    customer_phone varchar(20), customer_name varchar(100), customer_preferred_language varchar(50),
    audio_url text NOT NULL, duration_seconds int, call_timestamp timestamptz DEFAULT now(),
    call_context varchar(30), primary_issue_category text, agent_manual_note text,
    processing_status varchar(20) DEFAULT 'pending');
CREATE TABLE call_insights (call_id uuid PRIMARY KEY, transcript text, language_spoken varchar(50),
    sop_compliance_score decimal(5,4), sentiment_stabilization_score decimal(3,2),
    resolution_validity_score decimal(3,2), overall_quality_score decimal(5,4), escalation_risk boolean,
    why_flagged text, human_remarks text, business_insight text, coaching_insight text,
    communication_score decimal(5,4), coaching_priority decimal(5,4), issue_analysis jsonb,
    resolution_analysis jsonb, sop_deviations jsonb, sentiment_trajectory jsonb, created_at timestamp DEFAULT now());
CREATE TABLE city_insights (city_id int PRIMARY KEY, avg_quality_score decimal(5,4), daily_ops_insight text,
    latest_month_insight text, overall_city_insight text, coaching_focus_for_city text,
    key_operational_risks text[], insight_history jsonb DEFAULT '[]', last_insight_generated_at timestamp);
INSERT INTO cities (id, name, state) VALUES (101, 'Pune', 'Maharashtra'), (102, 'pune', NULL),
    (103, 'Kochi', 'Kerala'), (0, 'Nowhere', NULL);
INSERT INTO agents (id, name, employee_id, languages, calls_handled_total, overall_insight_text, insight_history,
                    last_insight_generated_at)
SELECT ('a0000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid, 'Imported Agent ' || g, 'REF-' || g,
       ARRAY['Hindi', 'English'], 7, 'Reliable.', '[{"month":"2025-12","insight":"Old.","kept":1}]',
       '2026-01-31 12:00:00'
FROM generate_series(1, 20) g;
INSERT INTO calls (id, agent_id, city_id, customer_phone, customer_name, audio_url, duration_seconds, call_timestamp,
                   call_context, primary_issue_category, processing_status)
SELECT ('c0000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid,
       ('a0000000-0000-4000-8000-' || lpad((1 + g % 20)::text, 12, '0'))::uuid, 101 + 2 * (g % 2), '98765' || lpad(g::text, 5, '0'),
       'Zebulon Quaverley', 'https://bucket.example.com/calls/' || g || '.mp3?X-Sig=1', 60 + g % 300,
       timestamptz '2026-02-01 00:00+00' + g * interval '7 minutes', 'NEW_ISSUE', 'Billing Query', 'analyzed'
FROM generate_series(1, 1000) g;
INSERT INTO call_insights (call_id, transcript, language_spoken, sop_compliance_score, sentiment_stabilization_score,
    resolution_validity_score, overall_quality_score, escalation_risk, why_flagged, business_insight, coaching_insight,
    communication_score, coaching_priority, issue_analysis, resolution_analysis, sop_deviations, sentiment_trajectory,
    created_at)
SELECT c.id, E'Agent: Good morning.\nCustomer: This is Zebulon Quaverley, my number is 9876543210.', 'english',
       (g % 10001) / 10000.0, (g % 3) / 2.0, (ARRAY[0, 0.75, 1])[1 + g % 3], ((g * 7) % 10001) / 10000.0, g % 50 = 0,
       CASE WHEN g % 50 = 0 THEN 'Zebulon Quaverley threatened to complain.' END, 'Refund wanted.', 'Say sorry.', 0.8, 0.4,
       '{"primary_issue":"Billing","extra":{"a":1}}', '{"resolved":true}',
       '[{"turn_number":1,"start_time":1.5,"end_time":2,"deviated_phrase":"x","should_have_said":"Sorry.","what_was_wrong":"no_apology","severity":0.5,"more":true}]',
       '[{"turn":2,"score":0.2,"sentiment":"negative"}]', '2026-02-02 10:00:00'
FROM calls c CROSS JOIN LATERAL (SELECT right(c.id::text, 12)::int AS g) n;
INSERT INTO city_insights (city_id, daily_ops_insight, key_operational_risks, last_insight_generated_at)
VALUES (101, 'Quiet.', ARRAY['Refunds wait'], '2026-02-01 08:00'), (999, 'No such city.', NULL, NULL);
-- odd rows
UPDATE calls SET agent_id = 'deadbeef-0000-4000-8000-000000000000' WHERE id::text LIKE '%000000000010';
UPDATE calls SET customer_phone = 'not a phone' WHERE id::text LIKE '%000000000011';
UPDATE calls SET call_context = 'SOMETHING' WHERE id::text LIKE '%000000000012';
UPDATE calls SET primary_issue_category = repeat('x', 60) WHERE id::text LIKE '%000000000013';
UPDATE calls SET processing_status = 'pending' WHERE id::text LIKE '%000000000014';
DELETE FROM call_insights WHERE call_id::text LIKE '%000000000014';
UPDATE calls SET call_timestamp = 'infinity' WHERE id::text LIKE '%000000000018';
UPDATE call_insights SET overall_quality_score = NULL WHERE call_id::text LIKE '%000000000015';
UPDATE call_insights SET sentiment_stabilization_score = 0.3 WHERE call_id::text LIKE '%000000000016';
UPDATE call_insights SET sop_deviations = '{"keys":"wrong"}', sentiment_trajectory = '[1,{"turn":"x"}]',
    issue_analysis = '[]' WHERE call_id::text LIKE '%000000000017';
)";

struct Finished {
    int status = -1;
    std::string output;
};

class ImportReference : public ::testing::Test {
protected:
    ImportReference() {
        auto connection = pg::BlockingConnection::open(source.url(), 10);
        if (!connection) throw std::runtime_error(connection.error().message);
        connection->script(source_schema);
    }

    [[nodiscard]] std::string from() const {
        return pg::conninfo_with(source.url(), {{"options", "-c search_path=ref"}});
    }

    [[nodiscard]] std::string command(const std::string& more) const {
        const auto quoted = [](std::string text) {
            for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
                text.replace(at, 1, "'\\''");
            return "'" + text + "'";
        };
        return std::string(HS_BINARY_DIR) + "/hacksmart import-reference --from " + quoted(from()) +
               " --data-dir " + quoted(server.data_dir() / "data") + " --database-url " +
               quoted(server.database().url()) + " " + more + " 2>/dev/null";
    }

    Finished run(const std::string& more = "") {
        Finished finished;
        FILE* const pipe = ::popen(command(more).c_str(), "r"); // NOLINT: our own words, quoted
        std::array<char, 4096> part{};
        while (const auto size = std::fread(part.data(), 1, part.size(), pipe))
            finished.output.append(part.data(), size);
        finished.status = WEXITSTATUS(::pclose(pipe));
        return finished;
    }

    /// Ends it with kill -9 as soon as the first calls are in.
    void run_and_kill() {
        const auto told = "echo $$; exec " + command("");
        FILE* const pipe = ::popen(told.c_str(), "r"); // NOLINT: our own words, quoted
        int pid = 0;
        ASSERT_EQ(std::fscanf(pipe, "%d", &pid), 1); // NOLINT: our own echo
        EXPECT_TRUE(eventually([&] { return here("SELECT count(*) > 0 FROM calls") == "t"; }));
        ::kill(pid, SIGKILL);
        ::pclose(pipe);
    }

    [[nodiscard]] json::value get(const std::string& path) const {
        return json_of(server.ask("GET " + path));
    }

    [[nodiscard]] std::string here(const std::string& text) const {
        return server.database().sql(text).front();
    }

    static std::string call(int number) {
        const auto digits = std::to_string(number);
        return "c0000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
    }

    TestDatabase source;
    SpeechImposter speech;
    WholeServer server{speech, {}, "serve"};
};

TEST_F(ImportReference, EveryCallComesInOnceAndOddRowsCostThemselvesOnly) {
    const auto dry = run("--dry-run");
    EXPECT_EQ(dry.status, 0) << dry.output;
    EXPECT_EQ(here("SELECT count(*) FROM calls"), "0");
    EXPECT_THAT(dry.output, ::testing::ContainsRegex("calls +1000 +997 +0 +0 +3 +0"));

    const auto first = run();
    EXPECT_EQ(first.status, 0) << first.output;
    EXPECT_THAT(first.output, ::testing::ContainsRegex("cities +4 +3 +0 +0 +1 +0"));
    EXPECT_THAT(first.output, ::testing::ContainsRegex("agents +20 +20 +0 +0 +0 +0"));
    EXPECT_THAT(first.output, ::testing::ContainsRegex("\ncalls +1000 +997 +0 +0 +3 +0"));
    EXPECT_THAT(first.output, HasSubstr("skipped in calls: call_context is none of the six (1)"));
    EXPECT_THAT(
        first.output,
        HasSubstr("skipped in calls: primary_issue_category longer than 50 characters (1)"));
    EXPECT_THAT(first.output, HasSubstr("sentiment_stabilization_score is none of 0, 0.5, 1 (1)"));
    EXPECT_THAT(first.output, HasSubstr("its call is not here"));
    EXPECT_THAT(first.output, HasSubstr("its city is not here (1)"));
    EXPECT_THAT(first.output, HasSubstr("agent_id names nobody here: left empty (1)"));
    EXPECT_THAT(first.output, HasSubstr("sealed as it is (1)"));
    EXPECT_THAT(first.output, HasSubstr("name of another city: found by its id only (1)"));
    EXPECT_THAT(first.output, Not(HasSubstr("DIFFERS")));
    EXPECT_THAT(first.output, HasSubstr("calls at the source: 20"));

    const auto before = here("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM calls c");
    const auto second = run();
    EXPECT_EQ(second.status, 0) << second.output;
    EXPECT_THAT(second.output, ::testing::ContainsRegex("\ncalls +1000 +0 +0 +997 +3 +0"));
    EXPECT_EQ(here("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM calls c"), before);
    EXPECT_EQ(here("SELECT count(*) = count(DISTINCT call_id) FROM evaluations"), "t");
}

TEST_F(ImportReference, HttpAndViewsShowWhatTheSourceHolds) {
    ASSERT_EQ(run().status, 0);
    const auto detail = server.ask("GET /api/calls/" + call(50));
    ASSERT_EQ(detail.status, 200) << detail.body;
    const auto body = json_of(detail);
    EXPECT_EQ(body.at("call_timestamp"), "2026-02-01T05:50:00.000+00:00");
    EXPECT_EQ(body.at("agent").at("employee_id"), "REF-11");
    EXPECT_EQ(body.at("city").at("city_id"), 101);
    EXPECT_EQ(body.at("evaluated_at"), "2026-02-02T10:00:00.000+00:00");
    EXPECT_EQ(body.at("overall_quality_score"), 0.035);
    EXPECT_EQ(body.at("escalation_risk"), true);
    EXPECT_EQ(body.at("provenance").at("evaluator"), "reference-import");
    EXPECT_THAT(detail.body, Not(HasSubstr("Quaverley")));
    EXPECT_THAT(detail.body, Not(HasSubstr("9876543210")));
    EXPECT_THAT(
        server.ask("GET /api/calls/" + call(50) + "/transcript?view=original&format=txt").body,
        HasSubstr("Zebulon Quaverley"));
    EXPECT_EQ(refusal(server.ask("GET /api/calls/" + call(50) + "/audio")),
              "404 audio.unavailable");
    EXPECT_EQ(refusal(server.ask("GET /api/calls/" + call(50) + "/peaks")),
              "404 audio.unavailable");
    EXPECT_EQ(refusal(server.ask("GET /api/calls/" + call(2000) + "/audio")), "404 call.not_found");
    EXPECT_EQ(server.ask("GET /api/calls/" + call(17)).status, 200); // keys that nobody knows
    EXPECT_EQ(get("/api/calls/" + call(14)).at("failure_code"), "audio.unavailable");
    const auto listed = get("/api/cities").at("data").as_array();
    EXPECT_EQ(listed.size(), 3U);
    const auto added = server.post_json("/api/cities", R"({"name":"Nashik"})");
    EXPECT_GT(json_of(added).at("id").as_int64(), 103);
    // The old names.
    EXPECT_EQ(here("SELECT audio_url FROM reference.calls WHERE id = '" + call(50) + "'"),
              "https://bucket.example.com/calls/50.mp3?X-Sig=1");
    EXPECT_EQ(
        here("SELECT sop_deviations->0->>'more' FROM reference.call_insights WHERE call_id = '" +
             call(50) + "'"),
        "true");
    EXPECT_EQ(here("SELECT insight_history->0->>'kept' FROM reference.agents LIMIT 1"), "1");
    EXPECT_EQ(here("SELECT customer_phone_sealed IS NOT NULL AND phone_token IS NOT NULL AND NOT "
                   "position('98765'::bytea IN customer_phone_sealed) > 0 FROM calls WHERE id = '" +
                   call(50) + "'"),
              "t");
    EXPECT_EQ(here("SELECT count(*) FROM call_insights WHERE alerts"), "0");
    const auto figures =
        here("SELECT count(*) || ' ' || sum(quality) FROM call_facts WHERE analysed");
    EXPECT_EQ(figures,
              source
                  .sql("SELECT (count(*)) || ' ' || sum(round(10000 * overall_quality_score)) FROM "
                       "ref.call_insights WHERE NOT call_id::text ~ '0000000000(12|13|16|18)$'")
                  .front());
}

TEST_F(ImportReference, ViewsObeyRowSecurity) {
    ASSERT_EQ(run().status, 0);
    const auto as = [&](const std::string& tenant) {
        auto connection = pg::BlockingConnection::open(server.database().superuser_url(), 10);
        connection->run("BEGIN");
        connection->run("SET LOCAL ROLE hacksmart_app");
        connection->run("SELECT set_config('hs.tenant', $1, true)", pg::params(tenant));
        std::string counts;
        for (const auto* view : {"cities", "agents", "calls", "call_insights", "city_insights"})
            counts += connection->run(std::string("SELECT count(*) FROM reference.") + view)
                          .first_text(0) +
                      " ";
        return counts;
    };
    EXPECT_EQ(as(server.database().another_tenant().str()), "0 0 0 0 0 ");
    EXPECT_THAT(as(TestDatabase::tenant().str()), ::testing::StartsWith("3 20 997 "));
}

TEST_F(ImportReference, OnlyWhatChangedAtTheSourceIsTouched) {
    ASSERT_EQ(run().status, 0);
    server.database().sql("DELETE FROM calls WHERE id = '" + call(1) + "'");
    server.database().sql("UPDATE calls SET agent_manual_note = 'ours' WHERE id = '" + call(2) +
                          "'");
    source.sql("UPDATE ref.calls SET agent_manual_note = 'theirs' WHERE id = '" + call(3) + "'");
    source.sql("UPDATE ref.call_insights SET overall_quality_score = 0.9 WHERE call_id = '" +
               call(4) + "'");
    const auto again = run();
    EXPECT_EQ(again.status, 0) << again.output;
    EXPECT_THAT(again.output, ::testing::ContainsRegex("\ncalls +1000 +0 +1 +995 +3 +1"));
    EXPECT_THAT(again.output, ::testing::ContainsRegex("call_insights +999 +0 +1 +"));
    EXPECT_EQ(here("SELECT count(*) FROM calls WHERE id = '" + call(1) + "'"), "0");
    EXPECT_EQ(here("SELECT agent_manual_note FROM calls WHERE id = '" + call(2) + "'"), "ours");
    EXPECT_EQ(here("SELECT agent_manual_note FROM calls WHERE id = '" + call(3) + "'"), "theirs");
    EXPECT_EQ(here("SELECT count(*) FROM evaluations WHERE call_id = '" + call(4) + "'"), "2");
    EXPECT_EQ(get("/api/calls/" + call(4)).at("overall_quality_score"), 0.9);
}

TEST_F(ImportReference, RemarksAreAllKeptAndTheNewestIsShown) {
    source.sql("UPDATE ref.call_insights SET human_remarks = 'Was polite.' WHERE call_id IN ('" +
               call(5) + "', '" + call(6) + "')");
    source.sql("UPDATE ref.call_insights SET human_remarks = ' ' WHERE call_id = '" + call(7) +
               "'");
    ASSERT_EQ(run().status, 0);
    const auto texts = [&](int number) {
        std::vector<std::string> out;
        const auto list = get("/api/calls/" + call(number) + "/remarks");
        for (const auto& remark : list.at("data").as_array())
            out.emplace_back(remark.at("text").as_string());
        return out;
    };
    const auto shown = [&](int number) {
        return here("SELECT human_remarks FROM call_insights WHERE call_id = '" + call(number) +
                    "'");
    };
    EXPECT_THAT(texts(5), ::testing::ElementsAre("Was polite."));
    EXPECT_THAT(texts(7), ::testing::IsEmpty());
    EXPECT_EQ(here("SELECT principal || ' ' || created_at FROM remarks WHERE call_id = '" +
                   call(5) + "'"),
              "reference-import 2026-02-02 10:00:00+00");
    ASSERT_EQ(server.post_json("/api/calls/" + call(5) + "/remarks", R"({"text":"Ours."})").status,
              201);
    // Another column changes there: the row comes in again, its remark does not.
    source.sql("UPDATE ref.call_insights SET coaching_insight = 'More.' WHERE call_id IN ('" +
               call(5) + "', '" + call(6) + "')");
    ASSERT_EQ(run().status, 0);
    EXPECT_THAT(texts(5), ::testing::ElementsAre("Ours.", "Was polite."));
    EXPECT_EQ(shown(5), "Ours.");
    source.sql("UPDATE ref.call_insights SET human_remarks = 'Was rude.' WHERE call_id IN ('" +
               call(5) + "', '" + call(6) + "')");
    ASSERT_EQ(run().status, 0);
    EXPECT_THAT(texts(5), ::testing::ElementsAre("Was rude.", "Ours.", "Was polite."));
    EXPECT_THAT(texts(6), ::testing::ElementsAre("Was rude.", "Was polite."));
    EXPECT_EQ(shown(5), "Was rude.");
    EXPECT_EQ(shown(6), "Was rude.");
}

TEST_F(ImportReference, KilledImportGoesOnWhereItStopped) {
    run_and_kill();
    const auto kept = std::stoi(here("SELECT count(*) FROM calls"));
    const auto rest = run();
    EXPECT_EQ(rest.status, 0) << rest.output;
    EXPECT_THAT(rest.output,
                ::testing::ContainsRegex("\ncalls +1000 +" + std::to_string(997 - kept) + " +0 +" +
                                         std::to_string(kept) + " +3 +0"));
    EXPECT_EQ(here("SELECT count(*) FROM call_insights"), "995");
    EXPECT_EQ(here("SELECT count(*) FROM evaluations"), "995");
}

TEST_F(ImportReference, AggregatesOfTheViewsComeFromTheRollups) {
    ASSERT_EQ(run().status, 0);
    server.database().sql(
        "INSERT INTO rollup_agent SELECT tenant_id, 'all', '1970-01-01', id, 9, 8, 0, 2, 3, 0, 4, "
        "30002, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0 FROM agents WHERE employee_id = 'REF-1'");
    EXPECT_EQ(here("SELECT concat_ws(' ', current_quality_score, current_escalation_rate, "
                   "calls_handled_total, total_emergencies_count, calls_handled_today) FROM "
                   "reference.agents WHERE employee_id = 'REF-1'"),
              "0.7501 0.2500 9 3 0");
}

TEST_F(ImportReference, RowsTheDatabaseRefusesAreTriedAlone) {
    server.database().sql("ALTER TABLE calls ADD CONSTRAINT odd CHECK (duration_seconds <> 79)");
    const auto finished = run();
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_THAT(finished.output, HasSubstr("refused by the database (23514 odd) (4)"));
    EXPECT_EQ(here("SELECT count(*) FROM calls"), "993");
}

TEST_F(ImportReference, FiguresThatDifferEndWithStatusOne) {
    ASSERT_EQ(run().status, 0);
    server.database().sql(
        "UPDATE call_insights SET overall_quality_score = 0.0001 WHERE call_id = '" + call(7) +
        "'");
    const auto again = run();
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.output, HasSubstr("DIFFERS"));
}

TEST_F(ImportReference, RecordingsAreCopiedByFileName) {
    const auto folder = server.data_dir() / "recordings";
    std::filesystem::create_directory(folder);
    std::filesystem::copy_file(corpus("calls/c16_silent.mp3"), folder / "14.mp3");
    ASSERT_TRUE(write_file_durably(folder / "15.mp3", "no sound"));
    const auto copied = run("--copy-audio '" + folder.string() + "'");
    EXPECT_EQ(copied.status, 0) << copied.output;
    EXPECT_THAT(copied.output, HasSubstr("recordings: 1 copied"));
    EXPECT_THAT(copied.output, HasSubstr("recordings refused: audio."));
    const auto audio = server.ask("GET /api/calls/" + call(14) + "/audio?variant=original");
    EXPECT_EQ(audio.status, 200);
    EXPECT_EQ(audio.body, corpus_bytes("calls/c16_silent.mp3"));
    EXPECT_EQ(get("/api/calls/" + call(14)).at("processing_status"), "pending");
    EXPECT_THAT(run("--copy-audio '" + folder.string() + "'").output,
                HasSubstr("recordings: 0 copied"));
}

TEST_F(ImportReference, WrongSourcesAreRefused) {
    source.sql("DROP TABLE ref.city_insights");
    EXPECT_EQ(run().status, 1);
    EXPECT_EQ(here("SELECT count(*) FROM agents"), "0");
}

} // namespace

} // namespace hs::test
