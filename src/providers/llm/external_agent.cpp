#include "providers/llm/external_agent.hpp"

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "providers/http_reply.hpp"
#include "providers/llm/reply_text.hpp"

namespace hs::providers {

namespace {

/// application/x-www-form-urlencoded: all but letters, digits and *-._ as %XX, a blank as plus.
void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "*-._";
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || plain.find(c) != std::string_view::npos;
        const auto byte = static_cast<unsigned char>(c);
        if (letter) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
}

std::string encoded_form(const std::vector<std::pair<std::string, std::string>>& form) {
    std::string out;
    for (const auto& [name, value] : form) {
        if (!out.empty()) out += '&';
        append_encoded(out, name);
        out += '=';
        append_encoded(out, value);
    }
    return out;
}

Error invalid_reply(const char* what) {
    return {ErrorKind::unavailable, "model.invalid_reply", what, std::nullopt};
}

} // namespace

ProviderRequest ExternalAgent::prepare(const ModelRequest& request) const {
    ProviderRequest out;
    out.provider = name();
    out.model = model();
    out.key_id = "none";
    out.area = "model";
    out.http.method = "POST";
    out.http.url = config_.url;
    out.http.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    out.http.headers.emplace_back("Accept", "application/json");
    out.http.body = encoded_form(request.form);
    out.http.allow_private = config_.allow_private;
    out.http.stop = request.stop;
    // It fetches, hears and judges the recording before the first byte.
    out.http.first_byte_limit = std::chrono::minutes(8);
    out.http.total_limit = std::chrono::minutes(9);
    // Not the form: the recording's address is signed anew for every request.
    out.fingerprint = sha256_hex("external\n" + config_.url + "\n" + request.identity);
    return out;
}

Result<ModelReply> ExternalAgent::parse(const InboundReply& reply) const {
    if (reply.status < 200 || reply.status > 299)
        return std::unexpected(status_error("model", reply, SystemClock().now()));
    const auto document = parse_json(reply.body);
    if (!document || !document->is_object())
        return std::unexpected(invalid_reply("the reply is no JSON object"));
    const auto& root = document->get_object();
    const auto* success = root.if_contains("success");
    if (success == nullptr || !success->is_bool())
        return std::unexpected(invalid_reply("the reply does not say whether it succeeded"));
    if (!success->get_bool())
        return fail(ErrorKind::upstream, "model.declined", "the agent reports no success");
    const auto* analysis = root.if_contains("analysis");
    if (analysis == nullptr || !analysis->is_object())
        return std::unexpected(invalid_reply("the reply has no analysis"));
    json::object kept = analysis->get_object();
    kept["transcript_text"] = text_member(root, "transcript_text");
    ModelReply out;
    out.text = json::serialize(kept);
    out.model = model();
    return out;
}

} // namespace hs::providers
