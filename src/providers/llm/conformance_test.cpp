// What every language model's adapter does when the server misbehaves.
#include <memory>

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "providers/llm/anthropic.hpp"
#include "providers/llm/external_agent.hpp"
#include "providers/llm/openai_chat.hpp"
#include "support/await.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;
using test::await_here;
using test::Imposter;
using test::ImposterReply;
using testing::HasSubstr;
using testing::Not;
using Trick = test::ImposterReply::Trick;

namespace {

std::string golden(const std::string& name) {
    return read_file(HS_SOURCE_DIR "/tests/golden/providers/" + name + ".json").value();
}

struct Kind {
    std::string name;
    std::string good;     // a reply of this kind
    std::string expected; // its text
    std::function<std::unique_ptr<LanguageModel>(const std::string& url)> make;
};

std::unique_ptr<LanguageModel> openai_at(const std::string& url) {
    OpenAiChatConfig config;
    config.base_url = url + "/v1/";
    config.api_key = Secret(std::string("sk-test"));
    config.model = "small-model";
    config.allow_private = true;
    config.repeat_delay = 1ms;
    return std::make_unique<OpenAiChat>(std::move(config));
}

std::unique_ptr<LanguageModel> anthropic_at(const std::string& url) {
    AnthropicConfig config;
    config.base_url = url + "/v1";
    config.api_key = Secret(std::string("sk-ant-test"));
    config.model = "claude-small";
    config.allow_private = true;
    config.repeat_delay = 1ms;
    return std::make_unique<Anthropic>(std::move(config));
}

std::unique_ptr<LanguageModel> external_at(const std::string& url) {
    ExternalAgentConfig config;
    config.url = url + "/evaluate";
    config.allow_private = true;
    config.repeat_delay = 1ms;
    return std::make_unique<ExternalAgent>(std::move(config));
}

class Conformance : public testing::TestWithParam<Kind> {
protected:
    Conformance() : model(GetParam().make(server.url())) {
        exchange = straight_exchange([this](OutboundRequest request) {
            if (first_byte_limit) request.first_byte_limit = *first_byte_limit;
            if (idle_limit) request.idle_limit = *idle_limit;
            return client.send(std::move(request));
        });
    }

    static ModelRequest request() {
        ModelRequest out;
        out.system = "You judge calls.";
        out.user = "the transcript";
        out.schema = {{"type", "object"},
                      {"properties", json::object{{"verdict", json::object{{"type", "string"}}}}}};
        out.identity = "i1";
        out.form = {{"call_id", "c1"}, {"audio_url", "https://x.example/a?b=1&c=2"}};
        return out;
    }

    Result<ModelReply> answer() { return await_here(ask(*model, exchange, request())); }

    Error error() {
        const auto reply = answer();
        return reply ? Error{ErrorKind::internal, "no error", "", {}} : reply.error();
    }

    std::string good() { return golden(GetParam().good); }

    std::optional<std::chrono::milliseconds> first_byte_limit;
    std::optional<std::chrono::milliseconds> idle_limit;
    Imposter server;
    HttpClient client;
    std::shared_ptr<Exchange> exchange;
    std::unique_ptr<LanguageModel> model;
};

} // namespace

TEST_P(Conformance, AGoodReplyIsRead) {
    server.then({.body = good()});
    const auto reply = answer();
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_THAT(reply->text, HasSubstr(GetParam().expected));
    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_EQ(server.requests()[0].method, "POST");
}

TEST_P(Conformance, AnAnswerIsFoundAgainByWhatItHangsOn) {
    const auto one = model->prepare(request());
    auto other = request();
    other.identity = "i2";
    EXPECT_EQ(one.fingerprint, model->prepare(request()).fingerprint);
    EXPECT_NE(one.fingerprint, model->prepare(other).fingerprint);
    EXPECT_EQ(one.area, "model");
    EXPECT_THAT(one.fingerprint, Not(HasSubstr("sk-")));
    EXPECT_THAT(one.key_id, Not(HasSubstr("sk-")));
}

TEST_P(Conformance, WhatMayPassAtOnceIsRepeatedTwice) {
    server.then({.trick = Trick::drop});
    server.then({.body = good(), .trick = Trick::cut});
    server.then({.body = good()});
    EXPECT_TRUE(answer());
    EXPECT_EQ(server.requests().size(), 3u);

    server.otherwise([](const auto&) { return ImposterReply{.status = 503, .body = "busy"}; });
    const auto busy = error();
    EXPECT_EQ(busy.code, "model.unavailable");
    EXPECT_TRUE(may_retry(busy.kind));
    EXPECT_EQ(server.requests().size(), 6u);
}

TEST_P(Conformance, ARateLimitTellsWhenToComeBack) {
    server.then({.status = 429, .body = "{}", .headers = {{"Retry-After", "77"}}});
    const auto limited = error();
    EXPECT_EQ(limited.code, "model.rate_limited");
    EXPECT_EQ(limited.kind, ErrorKind::rate_limited);
    EXPECT_EQ(limited.retry_after, 77s);
    EXPECT_EQ(server.requests().size(), 1u) << "no request was sent into the limit";
}

TEST_P(Conformance, ABadKeyOrRequestIsNeverRepeated) {
    for (const int status : {400, 401, 403, 404, 413}) {
        server.then({.status = status, .body = R"({"error":{"message":"no"}})"});
        const auto refused = error();
        const bool denied = status == 401 || status == 403;
        EXPECT_EQ(refused.code, denied ? "model.denied" : "model.refused") << status;
        EXPECT_FALSE(may_retry(refused.kind));
    }
    EXPECT_EQ(server.requests().size(), 5u);
}

TEST_P(Conformance, WhatIsNoReplyIsUnavailable) {
    const auto half = good().substr(0, good().size() / 2);
    const std::string nested(5000, '[');
    for (const std::string& body : {half,
                                    std::string("<html>gateway</html>"),
                                    std::string("null"),
                                    std::string("[]"),
                                    std::string("{}"),
                                    std::string("\xff\xfe{"),
                                    nested,
                                    std::string()}) {
        server.then({.body = body});
        const auto bad = error();
        EXPECT_EQ(bad.code, "model.invalid_reply") << body.substr(0, 40);
        EXPECT_TRUE(may_retry(bad.kind));
        EXPECT_THAT(bad.message, Not(HasSubstr("gateway"))) << "a reply is never quoted";
    }
}

TEST_P(Conformance, SilenceEndsInTime) {
    first_byte_limit = 80ms;
    server.then({.trick = Trick::hang});
    EXPECT_EQ(error().code, "egress.timeout");
    idle_limit = 80ms;
    server.then({.body = good(), .trick = Trick::head_only});
    EXPECT_EQ(error().code, "egress.timeout");
}

TEST_P(Conformance, ASlowReplyIsWaitedFor) {
    server.then({.body = good(), .pause = 50ms});
    EXPECT_TRUE(answer());
    server.then({.body = good(), .trick = Trick::drip});
    EXPECT_TRUE(answer());
}

TEST_P(Conformance, AnEndlessReplyIsCutOff) {
    server.then({.trick = Trick::endless});
    EXPECT_EQ(error().code, "model.invalid_reply");
    EXPECT_TRUE(server.wait_for_abandoned());
}

INSTANTIATE_TEST_SUITE_P(
    Models,
    Conformance,
    testing::Values(Kind{"openai", "openai_chat/completion", R"({"verdict":"pass"})", openai_at},
                    Kind{"anthropic", "anthropic/message", R"({"verdict":"pass"})", anthropic_at},
                    Kind{"external", "external/success", R"("scores":{)", external_at}),
    [](const auto& kind) { return kind.param.name; });
