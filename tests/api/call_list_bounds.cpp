// What lists of calls and feedback make of input at and beyond their bounds.
#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using CallListBounds = ApiTest;

TEST_F(CallListBounds, TimesThatTheDatabaseDoesNotKnowAreRefused) {
    for (const char* time : {"0000-01-01",
                             "-001-01-01",
                             "%2B026-01-01",
                             "2026-02-30",
                             "0000-01-01T00:00:00Z",
                             "0001-01-01T00:00:00%2B23:59"}) {
        EXPECT_EQ(refusal(get(fmt::format("/api/calls?from={}", time))), "400 query.invalid")
            << time;
        EXPECT_EQ(refusal(get(fmt::format("/api/calls?to={}", time))), "400 query.invalid") << time;
    }
    for (const char* time : {"0001-01-01", "9999-12-31", "2026-02-28T23:59:59%2B05:30"})
        EXPECT_EQ(get(fmt::format("/api/calls?from={}", time)).status, 200) << time;
}

TEST_F(CallListBounds, FeedbackMayCarryMoreThanWeKnow) {
    const auto call = analysed_call();
    const auto agent = get_json("/api/calls/" + call).at("agent").at("name");
    const auto sent = fmt::format(
        R"({{"agent_name":{},"call_id":"{}","feedback":"Well done.","source":"studio"}})",
        json::serialize(agent),
        call);
    EXPECT_EQ(server().post_json("/api/submit-feedback", sent).status, 201);
}

TEST_F(CallListBounds, AnalysisIsToldWithItsOwnScores) {
    const auto call = analysed_call();
    const auto told =
        fmt::format("SELECT count(*) FROM events e JOIN evaluations v ON v.tenant_id = e.tenant_id "
                    "AND v.id::text = e.payload->>'evaluation_id' "
                    "WHERE e.type = 'call.analyzed' AND e.call_id = '{}' AND "
                    "(e.payload->>'scored')::boolean = v.scored",
                    call);
    EXPECT_GE(server().database().count(told), 1);
    const auto before = server().database().count(told);
    EXPECT_EQ(server()
                  .ask("POST /api/calls/" + call + "/process?force=true", "Prefer: wait=20\r\n")
                  .status,
              200);
    EXPECT_EQ(server().database().count(told), before + 1)
        << "each analysis tells its own evaluation";
}

} // namespace

} // namespace hs::test
