#include "providers/llm/language_model.hpp"

#include "providers/quick_repeat.hpp"

namespace hs::providers {

namespace {

// One for each thing a server may not take, and the request that is left.
constexpr int most_requests = 7;

Reading reading_of(const Result<ModelReply>& answer) {
    Reading reading;
    // A refusal is paid for and would be given again: it is kept like an answer.
    reading.sound = answer.has_value() || !may_retry(answer.error().kind);
    if (answer) {
        reading.usage = answer->reported;
        reading.consumed = answer->usage;
    }
    return reading;
}

bool successful(const InboundReply& reply) {
    return reply.status >= 200 && reply.status <= 299;
}

} // namespace

Task<Result<ModelReply>>
ask(LanguageModel& model, std::shared_ptr<Exchange> exchange, ModelRequest request) {
    RepeatRules rules;
    rules.delay = model.repeat_delay();
    rules.is_final = [&model](const InboundReply& reply) { return model.would_adapt(reply); };
    for (int requests = 1;; ++requests) {
        auto prepared = model.prepare(request);
        prepared.expected.tokens_in = request.tokens_in;
        prepared.expected.tokens_out = request.max_output;
        prepared.questions = request.questions;
        CO_TRY(const auto reply, co_await send_with_repeats(exchange, prepared, rules));
        if (!successful(reply) && requests < most_requests && model.adapt(reply)) continue;
        auto answer = model.parse(reply);
        if (successful(reply)) {
            auto reading = reading_of(answer);
            co_await exchange->read(prepared, std::move(reading));
        }
        co_return answer;
    }
}

} // namespace hs::providers
