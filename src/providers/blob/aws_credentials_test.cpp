#include <fstream>

#include <gtest/gtest.h>

#include "base/blocking_http.hpp"
#include "providers/blob/aws_credentials.hpp"
#include "providers/blob/store_fixture_for_test.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;
using test::Imposter;
using test::ImposterReply;
using test::ImposterRequest;

namespace {

class SetClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return time; }

    Time time = parse_rfc3339("2026-02-03T10:00:00Z").value();
};

class AwsCredentialsTest : public testing::Test {
protected:
    AwsCredentialsTest() {
        environment.ask_instance = false;
        environment.instance_address = server.url();
        environment.container_address = server.url();
    }

    AwsCredentialChain& chain() {
        if (!chain_) {
            chain_.emplace(
                environment,
                [this](OutboundRequest request) { return http.send(std::move(request)); },
                clock);
        }
        return *chain_;
    }

    std::string key_id() {
        const auto found = chain().get();
        return found ? found->access_key_id : found.error().code;
    }

    void write_file(const std::string& text) {
        environment.shared_file = folder.path() / "credentials";
        std::ofstream(environment.shared_file) << text;
    }

    std::string document(const std::string& id, Time expires) {
        return R"({"AccessKeyId":")" + id +
               R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + rfc3339(expires) + "\"}";
    }

    TemporaryFolder folder;
    Imposter server;
    BlockingHttp http;
    SetClock clock;
    AwsEnvironment environment;

private:
    std::optional<AwsCredentialChain> chain_;
};

} // namespace

TEST_F(AwsCredentialsTest, WhatIsGivenWins) {
    write_file("[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    environment.access_key_id = "GIVEN";
    environment.secret_access_key = Secret("s");
    environment.session_token = Secret("t");
    EXPECT_EQ(key_id(), "GIVEN");
    EXPECT_EQ(chain().get()->session_token.reveal(), "t");
}

TEST_F(AwsCredentialsTest, TheFileHasProfilesAndIsReadAgain) {
    write_file("# ours\n[default]\naws_access_key_id=D\naws_secret_access_key=d\n"
               "[ team ]\n aws_access_key_id = T \naws_secret_access_key = a=b\n"
               "aws_session_token=x\n[broken]\naws_access_key_id=B\n");
    environment.profile = "team";
    const auto found = chain().get();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->access_key_id, "T");
    EXPECT_EQ(found->secret_access_key.reveal(), "a=b");
    EXPECT_EQ(found->session_token.reveal(), "x");
    write_file("[team]\naws_access_key_id=NEW\naws_secret_access_key=d\n");
    EXPECT_EQ(key_id(), "T") << "not at every use";
    clock.time += 6min;
    EXPECT_EQ(key_id(), "NEW");
    EXPECT_FALSE(credentials_in_file("[broken]\naws_access_key_id=B\n", "broken"));
}

TEST_F(AwsCredentialsTest, ContainersHandOutWhatExpires) {
    int asked = 0;
    server.otherwise([&](const ImposterRequest& request) {
        EXPECT_EQ(request.target, "/v2/credentials/abc");
        EXPECT_EQ(request.headers.at("authorization"), "secret-token");
        ++asked;
        return ImposterReply{.body = document("C" + std::to_string(asked), clock.time + 1h)};
    });
    environment.container_relative_uri = "/v2/credentials/abc";
    environment.container_token_file = folder.path() / "token";
    std::ofstream(environment.container_token_file) << "secret-token\n";
    EXPECT_EQ(key_id(), "C1");
    clock.time += 54min;
    EXPECT_EQ(key_id(), "C1");
    clock.time += 2min;
    EXPECT_EQ(key_id(), "C2") << "fetched again before the first ones expire";
}

TEST_F(AwsCredentialsTest, WhatStillHoldsOutlivesAServiceThatIsAway) {
    server.then({.body = document("C1", clock.time + 1h)});
    server.otherwise([](const ImposterRequest&) { return ImposterReply{.status = 500}; });
    environment.container_relative_uri = "/c";
    EXPECT_EQ(key_id(), "C1");
    clock.time += 57min;
    EXPECT_EQ(key_id(), "C1");
    clock.time += 4min;
    EXPECT_EQ(key_id(), "storage.unavailable");
}

TEST_F(AwsCredentialsTest, PlainHttpGoesToThisHostOnly) {
    environment.container_full_uri = "http://credentials.example.com/c";
    EXPECT_EQ(key_id(), "storage.denied");
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(AwsCredentialsTest, InstancesAreAskedTheSecondWay) {
    server.otherwise([&](const ImposterRequest& request) {
        if (request.target == "/latest/api/token") {
            EXPECT_EQ(request.method, "PUT");
            EXPECT_EQ(request.headers.at("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
            return ImposterReply{.body = "session"};
        }
        EXPECT_EQ(request.headers.at("x-aws-ec2-metadata-token"), "session");
        if (request.target.ends_with("/security-credentials/"))
            return ImposterReply{.body = "a-role\n"};
        EXPECT_TRUE(request.target.ends_with("/security-credentials/a-role")) << request.target;
        return ImposterReply{.body = document("I", clock.time + 6h)};
    });
    environment.ask_instance = true;
    EXPECT_EQ(key_id(), "I");
    EXPECT_EQ(chain().get()->session_token.reveal(), "t");
    EXPECT_EQ(server.requests().size(), 3U) << "and not again";
    chain().forget();
    EXPECT_EQ(key_id(), "I");
    EXPECT_EQ(server.requests().size(), 6U);
}

TEST_F(AwsCredentialsTest, NoSourceIsASentence) {
    environment.ask_instance = true;
    server.otherwise([](const ImposterRequest&) { return ImposterReply{.status = 404}; });
    const auto none = chain().get();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "storage.denied");
    EXPECT_NE(none.error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST_F(AwsCredentialsTest, ExpiredOrOddDocumentsAreNone) {
    environment.container_relative_uri = "/c";
    for (const std::string& body :
         {std::string("{}"), std::string("no json"), document("X", clock.time - 1min)}) {
        server.then({.body = body});
        EXPECT_EQ(key_id(), "storage.unavailable") << body;
    }
}
