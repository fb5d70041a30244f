// What is particular to each adapter: requests as published, replies in every shape seen.
#include <gmock/gmock.h>

#include "base/files.hpp"
#include "providers/llm/anthropic.hpp"
#include "providers/llm/external_agent.hpp"
#include "providers/llm/openai_chat.hpp"
#include "providers/llm/reply_text.hpp"
#include "support/await.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;
using test::await_here;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string golden(const std::string& name) {
    return read_file(HS_SOURCE_DIR "/tests/golden/providers/" + name + ".json").value();
}

class Adapters : public testing::Test {
protected:
    OpenAiChatConfig chat() {
        OpenAiChatConfig config;
        config.base_url = server.url() + "/v1";
        config.api_key = Secret(std::string("sk-test"));
        config.model = "m";
        config.allow_private = true;
        config.repeat_delay = 1ms;
        return config;
    }

    AnthropicConfig claude() {
        AnthropicConfig config;
        config.base_url = server.url() + "/v1";
        config.api_key = Secret(std::string("sk-ant"));
        config.model = "claude";
        config.allow_private = true;
        config.repeat_delay = 1ms;
        return config;
    }

    static ModelRequest request() {
        ModelRequest out;
        out.system = "You judge calls.";
        out.user = "data";
        out.seed = 7;
        out.max_output = 900;
        out.schema = {
            {"$schema", "x"},
            {"type", "object"},
            {"properties",
             json::object{{"maxLength", json::object{{"type", "string"}, {"maxLength", 9}}}}}};
        return out;
    }

    Result<ModelReply> answer(LanguageModel& model, ModelRequest with = request()) {
        const auto exchange =
            straight_exchange([this](OutboundRequest out) { return client.send(std::move(out)); });
        return await_here(ask(model, exchange, std::move(with)));
    }

    json::object sent(std::size_t number) {
        return parse_json(server.requests().at(number).body)->as_object();
    }

    test::Imposter server;
    HttpClient client;
};

TEST_F(Adapters, ChatRequestsAreAsPublished) {
    OpenAiChat model(chat());
    server.then({.body = golden("openai_chat/completion")});
    const auto reply = answer(model);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->model, "gpt-4.1-mini-2025-04-14");
    EXPECT_EQ(reply->usage.tokens_in, 1912);
    EXPECT_EQ(reply->usage.tokens_out, 231);
    EXPECT_EQ(reply->usage.tokens_cached, 1024);
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/v1/chat/completions");
    EXPECT_EQ(seen.headers.at("authorization"), "Bearer sk-test");
    EXPECT_EQ(seen.headers.at("content-type"), "application/json");
    const auto body = sent(0);
    EXPECT_EQ(body.at("temperature"), 0);
    EXPECT_EQ(body.at("seed"), 7);
    EXPECT_EQ(body.at("max_tokens"), 900);
    EXPECT_EQ(body.at("messages").at(0).at("role"), "system");
    EXPECT_EQ(body.at("messages").at(1).at("content"), "data");
    const auto& format = body.at("response_format");
    EXPECT_EQ(format.at("type"), "json_schema");
    EXPECT_EQ(format.at("json_schema").at("strict"), true);
    EXPECT_EQ(json::serialize(format.at("json_schema").at("schema")),
              R"({"type":"object","properties":{"maxLength":{"type":"string"}}})")
        << "a property of that name is no keyword";
}

TEST_F(Adapters, AzureTakesItsKeyAndVersionElsewhere) {
    auto with = chat();
    with.base_url = server.url() + "/openai/deployments/judge";
    with.api_version = "2024-10-21";
    OpenAiChat model(with);
    server.then({.body = golden("openai_chat/azure")});
    server.then({.status = 400, .body = golden("openai_chat/azure_filtered_400")});
    server.then({.body = golden("openai_chat/azure_filtered_answer")});
    ASSERT_TRUE(answer(model));
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/openai/deployments/judge/chat/completions?api-version=2024-10-21");
    EXPECT_EQ(seen.headers.at("api-key"), "sk-test");
    EXPECT_EQ(seen.headers.count("authorization"), 0u);
    EXPECT_EQ(answer(model).error().code, "model.declined");
    EXPECT_EQ(answer(model).error().code, "model.declined");
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(Adapters, EveryServersShapeGivesTheSameText) {
    OpenAiChat model(chat());
    for (const auto* name :
         {"completion", "azure", "openrouter", "vllm", "ollama", "llamacpp", "parts"}) {
        server.then({.body = golden("openai_chat/" + std::string(name))});
        const auto reply = answer(model);
        ASSERT_TRUE(reply) << name;
        EXPECT_EQ(reply->text, R"({"verdict":"pass"})") << name;
        EXPECT_GT(reply->usage.tokens_in, 0) << name;
    }
    server.then({.body = golden("openai_chat/openrouter")});
    EXPECT_DOUBLE_EQ(answer(model)->usage.cost_usd, 0.000091);
}

TEST_F(Adapters, RefusedCutAndFailedAnswersAreToldApart) {
    OpenAiChat model(chat());
    server.then({.body = golden("openai_chat/refusal")});
    EXPECT_EQ(answer(model).error().code, "model.declined");
    server.then({.body = golden("openai_chat/length")});
    EXPECT_EQ(answer(model).error().code, "model.truncated");
    server.then({.body = golden("openai_chat/openrouter_error")});
    const auto inside = answer(model).error();
    EXPECT_EQ(inside.code, "model.unavailable");
    EXPECT_TRUE(may_retry(inside.kind));

    Anthropic other(claude());
    server.then({.body = golden("anthropic/refusal")});
    EXPECT_EQ(answer(other).error().code, "model.declined");
    server.then({.body = golden("anthropic/max_tokens")});
    EXPECT_EQ(answer(other).error().code, "model.truncated");
    for (int i = 0; i < 3; ++i)
        server.then({.status = 529, .body = golden("anthropic/overloaded_529")});
    EXPECT_EQ(answer(other).error().code, "model.unavailable");
}

TEST_F(Adapters, WhatAServerDoesNotTakeIsLearntOnce) {
    OpenAiChat model(chat());
    server.then({.status = 400, .body = golden("openai_chat/max_tokens_400")});
    server.then({.status = 400, .body = golden("openai_chat/temperature_400")});
    server.then({.status = 500, .body = golden("openai_chat/response_format_500")});
    server.then({.status = 400, .body = golden("openai_chat/response_format_400")});
    server.then({.body = golden("openai_chat/ollama")});
    server.then({.body = golden("openai_chat/ollama")});
    ASSERT_TRUE(answer(model));
    ASSERT_EQ(server.requests().size(), 5u) << "a 500 about the request is not repeated";
    EXPECT_TRUE(sent(1).contains("max_completion_tokens"));
    EXPECT_FALSE(sent(2).contains("temperature"));
    EXPECT_EQ(sent(3).at("response_format").at("type"), "json_object");
    EXPECT_THAT(std::string(sent(3).at("messages").at(0).at("content").as_string()),
                HasSubstr("maxLength\":9"))
        << "the whole schema stands in the prompt where nothing enforces it";
    EXPECT_FALSE(sent(4).contains("response_format"));

    ASSERT_TRUE(answer(model));
    ASSERT_EQ(server.requests().size(), 6u) << "the lesson was forgotten";
    EXPECT_FALSE(sent(5).contains("response_format"));
}

TEST_F(Adapters, ARefusalAboutSomethingElseIsFinal) {
    OpenAiChat model(chat());
    server.then({.status = 400, .body = R"({"error":{"message":"context length exceeded"}})"});
    EXPECT_EQ(answer(model).error().code, "model.refused");
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Adapters, MessagesRequestsAreAsPublished) {
    Anthropic model(claude());
    server.then({.body = golden("anthropic/message")});
    auto repair = request();
    repair.earlier_reply = "{}";
    repair.complaint = "verdict is missing";
    const auto reply = answer(model, repair);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->text, R"({"verdict":"pass"})");
    EXPECT_EQ(reply->usage.tokens_in, 388 + 1536);
    EXPECT_EQ(reply->usage.tokens_cached, 1536);
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/v1/messages");
    EXPECT_EQ(seen.headers.at("x-api-key"), "sk-ant");
    EXPECT_EQ(seen.headers.at("anthropic-version"), "2023-06-01");
    const auto body = sent(0);
    EXPECT_EQ(body.at("system").at(0).at("text"), "You judge calls.");
    EXPECT_EQ(body.at("messages").as_array().size(), 3u);
    EXPECT_EQ(body.at("messages").at(2).at("content"), "verdict is missing");
    EXPECT_EQ(body.at("output_config").at("format").at("type"), "json_schema");
    EXPECT_FALSE(body.contains("seed"));
}

TEST_F(Adapters, MessagesOfOlderAndNewerModels) {
    Anthropic model(claude());
    server.then({.status = 400, .body = golden("anthropic/temperature_400")});
    server.then({.status = 400, .body = golden("anthropic/output_config_400")});
    // A second step that changes nothing for this API is one request more, not a failure.
    server.otherwise(
        [](const auto&) { return test::ImposterReply{.body = golden("anthropic/thinking")}; });
    const auto reply = answer(model);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->text, R"({"verdict":"pass"})");
    EXPECT_FALSE(sent(1).contains("temperature"));
    EXPECT_FALSE(sent(2).contains("output_config"));
    EXPECT_THAT(std::string(sent(2).at("system").at(0).at("text").as_string()),
                HasSubstr("JSON Schema"));
}

TEST_F(Adapters, TheExternalAgentIsSentTheReferencesForm) {
    ExternalAgentConfig config;
    config.url = server.url() + "/analyze";
    config.allow_private = true;
    config.repeat_delay = 1ms;
    ExternalAgent model(config);
    server.then({.body = golden("external/success")});
    server.then({.body = golden("external/failure")});
    auto with = request();
    with.form = {{"audio_url", "https://a.example/x?y=1&z=é"}, {"call_id", "c 1"}};
    const auto reply = answer(model, with);
    ASSERT_TRUE(reply);
    const auto read = parse_json(reply->text)->as_object();
    EXPECT_EQ(read.at("scores").at("sop_compliance_score"), 0.82);
    EXPECT_THAT(std::string(read.at("transcript_text").as_string()), HasSubstr("Swift Volt"));
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.headers.at("content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(seen.body, "audio_url=https%3A%2F%2Fa.example%2Fx%3Fy%3D1%26z%3D%C3%A9&call_id=c+1");
    EXPECT_THAT(seen.body, Not(HasSubstr("judge")));
    EXPECT_EQ(answer(model, with).error().code, "model.declined");
}

TEST(ReplyText, IsUnwrapped) {
    EXPECT_EQ(unwrapped(" {\"a\":1}\n"), R"({"a":1})");
    EXPECT_EQ(unwrapped("```json\n{\"a\":1}\n```"), R"({"a":1})");
    EXPECT_EQ(unwrapped("```\n{\"a\":1}\n```\n"), R"({"a":1})");
    EXPECT_EQ(unwrapped("<think>no ```</think>\n{\"a\":1}"), R"({"a":1})");
    EXPECT_EQ(unwrapped("<think>endless"), "");
    EXPECT_EQ(unwrapped("Here: ```json\n{}\n```"), "Here: ```json\n{}\n```") << "only a bare fence";
    EXPECT_EQ(unwrapped("```"), "```");
}

} // namespace
