// Health, readiness, version, metrics, configuration lists; and who may call in local mode.
#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SystemRoutes : public UploadTest {
protected:
    static HttpReply ask(const std::string& line, const std::string& headers = "") {
        return server().ask(line, headers);
    }
};

TEST_F(SystemRoutes, HealthAndReadiness) {
    EXPECT_EQ(get_json("/health").at("status"), "healthy");
    EXPECT_EQ(get_json("/livez").at("status"), "alive");
    EXPECT_EQ(get_json("/readyz").at("status"), "ready");
    EXPECT_GT(get_json("/readyz?verbose=1").at("schema_version").as_int64(), 0);
    EXPECT_GT(get_json("/readyz?verbose").at("schema_version").as_int64(), 0);
    EXPECT_FALSE(get_json("/readyz?verbose=0").as_object().contains("schema_version"));
    EXPECT_EQ(refusal(ask("GET /readyz?verbose=maybe")), "400 query.choice");
    EXPECT_EQ(get_json("/db/check").at("database"), "connected");
    EXPECT_EQ(get_json("/version").at("name"), "hacksmart");
    EXPECT_THAT(ask("GET /metrics").body, HasSubstr("# TYPE "));
}

TEST_F(SystemRoutes, ConfigurationLists) {
    EXPECT_EQ(get_json("/config/agents").at("data").as_array().size(), 3U);
    EXPECT_EQ(get_json("/config/cities").at("data").as_array().at(0).at("name"), "Gurugram");
    EXPECT_EQ(get_json("/config/call-contexts").at("data").as_array().size(), 6U);
    EXPECT_GT(get_json("/config/issue-categories").at("data").as_array().size(), 5U);
    const auto limits = get_json("/config/limits").at("data");
    EXPECT_EQ(limits.at("max_upload_bytes"), 200 << 20);
    EXPECT_EQ(limits.at("min_duration_seconds"), 1.0);
}

TEST_F(SystemRoutes, UnknownPathsAndMethods) {
    EXPECT_EQ(refusal(ask("GET /nowhere")), "404 route.not_found");
    EXPECT_EQ(refusal(ask("DELETE /health")), "405 method.not_allowed");
    EXPECT_EQ(ask("GET /health/").status, 200);
    EXPECT_EQ(ask("HEAD /health").status, 200);
    EXPECT_EQ(ask("OPTIONS /health").status, 204);
}

TEST_F(SystemRoutes, LocalModeTrustsOnlyItsOwnHost) {
    EXPECT_EQ(refusal(ask("GET /health", "Host: evil.example\r\n")), "421 host.unknown");
    EXPECT_EQ(refusal(ask("GET /health", "Host: 127.0.0.1:1\r\n")), "421 host.unknown");
    EXPECT_EQ(
        ask("GET /health", "Host: localhost:" + std::to_string(server().port()) + "\r\n").status,
        200);
    EXPECT_EQ(refusal(ask("GET /health", "X-Forwarded-For: 10.0.0.1\r\n")), "403 proxy.refused");
}

TEST_F(SystemRoutes, LocalModeRefusesWritesOfOtherPages) {
    const auto form_text = form();
    EXPECT_EQ(refusal(server().upload(form_text, "Origin: http://evil.example\r\n")),
              "403 origin.refused");
    EXPECT_EQ(refusal(server().upload(form_text, "Sec-Fetch-Site: cross-site\r\n")),
              "403 origin.refused");
    EXPECT_EQ(server().upload(form_text, "Origin: http://" + server().host() + "\r\n").status, 201);
}

} // namespace

} // namespace hs::test
