#include "providers/llm/openai_chat.hpp"

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "providers/http_reply.hpp"
#include "providers/llm/reply_text.hpp"
#include "providers/quick_repeat.hpp"

namespace hs::providers {

namespace {

Dialect first_dialect(const OpenAiChatConfig& config) {
    Dialect dialect;
    dialect.completion_limit = config.base_url.find("api.openai.com") != std::string::npos;
    return dialect;
}

json::array messages_of(const ModelRequest& request, ReplyForm form) {
    auto system = request.system;
    if (form != ReplyForm::schema) system += schema_instruction(request.schema);
    json::array out;
    out.push_back(json::object{{"role", "system"}, {"content", system}});
    out.push_back(json::object{{"role", "user"}, {"content", request.user}});
    if (!request.complaint.empty()) {
        out.push_back(json::object{{"role", "assistant"}, {"content", request.earlier_reply}});
        out.push_back(json::object{{"role", "user"}, {"content", request.complaint}});
    }
    return out;
}

json::object body_of(const ModelRequest& request, const std::string& model, Dialect dialect) {
    json::object body{{"model", model}, {"messages", messages_of(request, dialect.form)}};
    body[dialect.completion_limit ? "max_completion_tokens" : "max_tokens"] = request.max_output;
    if (dialect.temperature) {
        body["temperature"] = 0;
        body["top_p"] = 1;
    }
    if (dialect.seed) body["seed"] = request.seed;
    if (dialect.form == ReplyForm::schema) {
        body["response_format"] =
            json::object{{"type", "json_schema"},
                         {"json_schema",
                          json::object{{"name", "reply"},
                                       {"strict", true},
                                       {"schema", portable_schema(request.schema)}}}};
    } else if (dialect.form == ReplyForm::json) {
        body["response_format"] = json::object{{"type", "json_object"}};
    }
    return body;
}

Error invalid_reply(const char* what) {
    return {ErrorKind::unavailable, "model.invalid_reply", what, std::nullopt};
}

Error declined() {
    return {ErrorKind::upstream, "model.declined", "the model declined to answer", std::nullopt};
}

/// Azure answers 400 when its filter stops the prompt.
bool stopped_by_filter(const InboundReply& reply) {
    return reply.status == 400 && reply.body.find("content_filter") != std::string::npos;
}

/// Content is a text, or a list of parts of which some are text.
std::string content_text(const json::object& message) {
    const auto* content = message.if_contains("content");
    if (content == nullptr) return {};
    if (content->is_string()) return std::string(content->get_string());
    std::string out;
    if (!content->is_array()) return out;
    for (const auto& part : content->get_array())
        if (part.is_object() && text_member(part.get_object(), "type") == "text")
            out += text_member(part.get_object(), "text");
    return out;
}

ModelUsage usage_of(const json::object& reported) {
    ModelUsage usage;
    usage.tokens_in = count_member(reported, "prompt_tokens");
    usage.tokens_out = count_member(reported, "completion_tokens");
    if (const auto* details = reported.if_contains("prompt_tokens_details");
        details != nullptr && details->is_object())
        usage.tokens_cached = count_member(details->get_object(), "cached_tokens");
    if (const auto* cost = reported.if_contains("cost"); cost != nullptr && cost->is_number())
        usage.cost_usd = std::max(0.0, cost->to_number<double>());
    return usage;
}

const json::object* first_choice(const json::object& document) {
    const auto* choices = document.if_contains("choices");
    if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) return nullptr;
    return choices->get_array().front().if_object();
}

} // namespace

OpenAiChat::OpenAiChat(OpenAiChatConfig config)
    : config_(std::move(config)), dialect_(first_dialect(config_)) {
    while (config_.base_url.ends_with('/'))
        config_.base_url.pop_back();
}

ProviderRequest OpenAiChat::prepare(const ModelRequest& request) const {
    ProviderRequest out;
    out.provider = name();
    out.model = config_.model;
    out.key_id = key_id_of(config_.api_key);
    out.area = "model";
    auto& http = out.http;
    http.method = "POST";
    http.url = config_.base_url + "/chat/completions";
    if (!config_.api_version.empty()) http.url += "?api-version=" + config_.api_version;
    http.headers.emplace_back("Content-Type", "application/json");
    if (!config_.api_key.empty()) {
        const std::string key(config_.api_key.reveal());
        if (config_.api_version.empty())
            http.headers.emplace_back("Authorization", "Bearer " + key);
        else
            http.headers.emplace_back("api-key", key);
    }
    http.body = json::serialize(body_of(request, config_.model, dialect_.get()));
    http.allow_private = config_.allow_private;
    http.stop = request.stop;
    http.total_limit = std::chrono::minutes(5);
    // Not the body: what the server takes of it is learnt anew after a restart, and a kept answer
    // must be found then, too.
    out.fingerprint = sha256_hex("openai\n" + http.url + "\n" + config_.model + "\n" +
                                 request.identity + "\n" + request.complaint);
    return out;
}

Result<ModelReply> OpenAiChat::parse(const InboundReply& reply) const {
    if (stopped_by_filter(reply)) return std::unexpected(declined());
    if (reply.status < 200 || reply.status > 299)
        return std::unexpected(status_error("model", reply, SystemClock().now()));
    const auto document = parse_json(reply.body);
    if (!document || !document->is_object())
        return std::unexpected(invalid_reply("the reply is no JSON object"));
    const auto& root = document->get_object();
    if (const auto* error = root.if_contains("error"); error != nullptr && !error->is_null())
        return fail(ErrorKind::unavailable, "model.unavailable", "an error inside a good status");
    const auto* choice = first_choice(root);
    if (choice == nullptr) return std::unexpected(invalid_reply("the reply has no choice"));
    const auto* message_value = choice->if_contains("message");
    if (message_value == nullptr || !message_value->is_object())
        return std::unexpected(invalid_reply("the choice has no message"));
    const auto& message = message_value->get_object();
    const auto finish = text_member(*choice, "finish_reason");
    if (finish == "content_filter" || !text_member(message, "refusal").empty())
        return std::unexpected(declined());
    if (finish == "length")
        return fail(ErrorKind::upstream, "model.truncated", "the reply ran out of tokens");
    if (finish == "error")
        return fail(ErrorKind::unavailable, "model.unavailable", "an error inside a good status");
    ModelReply out;
    out.text = unwrapped(content_text(message));
    if (out.text.empty()) return std::unexpected(invalid_reply("the message is empty"));
    out.model = text_member(root, "model");
    if (const auto* usage = root.if_contains("usage"); usage != nullptr && usage->is_object()) {
        out.reported = usage->get_object();
        out.usage = usage_of(out.reported);
    }
    return out;
}

} // namespace hs::providers
