#include "providers/llm/dialect.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace hs::providers {

namespace {

/// Some servers call a request they do not understand a failure of their own.
bool may_be_about_the_request(int status) {
    return status == 400 || status == 422 || status == 500 || status == 501;
}

bool mentions(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

bool about_form(std::string_view text) {
    constexpr std::array<std::string_view, 7> words{"response_format",
                                                    "json_schema",
                                                    "json_object",
                                                    "output_config",
                                                    "structured output",
                                                    "guided",
                                                    "grammar"};
    return std::ranges::any_of(words, [&](auto word) { return mentions(text, word); });
}

} // namespace

Dialect after_refusal(Dialect dialect, const InboundReply& reply) {
    constexpr std::size_t telling_bytes = 4096;
    if (!may_be_about_the_request(reply.status)) return dialect;
    const auto start = truncate_utf8(reply.body, telling_bytes);
    if (!valid_utf8(start)) return dialect;
    const auto text = to_lower(start);
    if (mentions(text, "max_completion_tokens") && !dialect.completion_limit) {
        dialect.completion_limit = true;
    } else if ((mentions(text, "temperature") || mentions(text, "top_p")) && dialect.temperature) {
        dialect.temperature = false;
    } else if (mentions(text, "seed") && dialect.seed) {
        dialect.seed = false;
    } else if (about_form(text) && dialect.form != ReplyForm::text) {
        dialect.form = dialect.form == ReplyForm::schema ? ReplyForm::json : ReplyForm::text;
    }
    return dialect;
}

} // namespace hs::providers
