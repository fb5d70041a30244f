#include "providers/llm/anthropic.hpp"

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "providers/http_reply.hpp"
#include "providers/llm/reply_text.hpp"
#include "providers/quick_repeat.hpp"

namespace hs::providers {

namespace {

constexpr const char* api_version = "2023-06-01";

/// The first text block is marked for the server's cache: it is the same for every call.
json::array system_of(const ModelRequest& request, ReplyForm form) {
    auto text = request.system;
    if (form != ReplyForm::schema) text += schema_instruction(request.schema);
    json::array out;
    out.push_back(json::object{
        {"type", "text"}, {"text", text}, {"cache_control", json::object{{"type", "ephemeral"}}}});
    return out;
}

json::array messages_of(const ModelRequest& request) {
    json::array out;
    out.push_back(json::object{{"role", "user"}, {"content", request.user}});
    if (!request.complaint.empty()) {
        out.push_back(json::object{{"role", "assistant"}, {"content", request.earlier_reply}});
        out.push_back(json::object{{"role", "user"}, {"content", request.complaint}});
    }
    return out;
}

json::object body_of(const ModelRequest& request, const std::string& model, Dialect dialect) {
    json::object body{{"model", model},
                      {"max_tokens", request.max_output},
                      {"system", system_of(request, dialect.form)},
                      {"messages", messages_of(request)}};
    if (dialect.temperature) body["temperature"] = 0;
    if (dialect.form == ReplyForm::schema)
        body["output_config"] = json::object{
            {"format",
             json::object{{"type", "json_schema"}, {"schema", portable_schema(request.schema)}}}};
    return body;
}

Error invalid_reply(const char* what) {
    return {ErrorKind::unavailable, "model.invalid_reply", what, std::nullopt};
}

std::string text_blocks(const json::object& message) {
    const auto* content = message.if_contains("content");
    std::string out;
    if (content == nullptr || !content->is_array()) return out;
    for (const auto& block : content->get_array())
        if (block.is_object() && text_member(block.get_object(), "type") == "text")
            out += text_member(block.get_object(), "text");
    return out;
}

ModelUsage usage_of(const json::object& reported) {
    ModelUsage usage;
    usage.tokens_cached = count_member(reported, "cache_read_input_tokens");
    usage.tokens_in = count_member(reported, "input_tokens") + usage.tokens_cached +
                      count_member(reported, "cache_creation_input_tokens");
    usage.tokens_out = count_member(reported, "output_tokens");
    return usage;
}

} // namespace

Anthropic::Anthropic(AnthropicConfig config)
    // There is no form between an enforced schema and plain text here, and no seed.
    : config_(std::move(config)), dialect_(Dialect{.seed = false, .completion_limit = true}) {
    while (config_.base_url.ends_with('/'))
        config_.base_url.pop_back();
}

ProviderRequest Anthropic::prepare(const ModelRequest& request) const {
    ProviderRequest out;
    out.provider = name();
    out.model = config_.model;
    out.key_id = key_id_of(config_.api_key);
    out.area = "model";
    auto& http = out.http;
    http.method = "POST";
    http.url = config_.base_url + "/messages";
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("anthropic-version", api_version);
    if (!config_.api_key.empty())
        http.headers.emplace_back("x-api-key", std::string(config_.api_key.reveal()));
    http.body = json::serialize(body_of(request, config_.model, dialect_.get()));
    http.allow_private = config_.allow_private;
    http.stop = request.stop;
    http.total_limit = std::chrono::minutes(5);
    out.fingerprint = sha256_hex("anthropic\n" + http.url + "\n" + config_.model + "\n" +
                                 request.identity + "\n" + request.complaint);
    return out;
}

Result<ModelReply> Anthropic::parse(const InboundReply& reply) const {
    if (reply.status < 200 || reply.status > 299)
        return std::unexpected(status_error("model", reply, SystemClock().now()));
    const auto document = parse_json(reply.body);
    if (!document || !document->is_object())
        return std::unexpected(invalid_reply("the reply is no JSON object"));
    const auto& message = document->get_object();
    if (text_member(message, "type") == "error")
        return fail(ErrorKind::unavailable, "model.unavailable", "an error inside a good status");
    const auto stop = text_member(message, "stop_reason");
    if (stop == "refusal")
        return fail(ErrorKind::upstream, "model.declined", "the model declined to answer");
    if (stop == "max_tokens" || stop == "model_context_window_exceeded")
        return fail(ErrorKind::upstream, "model.truncated", "the reply ran out of tokens");
    ModelReply out;
    out.text = unwrapped(text_blocks(message));
    if (out.text.empty()) return std::unexpected(invalid_reply("the message has no text"));
    out.model = text_member(message, "model");
    if (const auto* usage = message.if_contains("usage"); usage != nullptr && usage->is_object()) {
        out.reported = usage->get_object();
        out.usage = usage_of(out.reported);
    }
    return out;
}

} // namespace hs::providers
