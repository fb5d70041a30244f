// A model's reply: validated, read, its quotes looked up. Whatever comes, a quote that is found
// stands in the transcript at the place that is named.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "analysis/model/model_answer.hpp"
#include "analysis/model/quote_alignment.hpp"

namespace {

hs::Transcript call() {
    hs::Transcript out;
    for (const auto* text : {"Welcome to Swift Volt, how may I help you?",
                             "My number is [PHONE] […] and it is not working.",
                             "आपका पैसा पाँच दिन में वापस आ जाएगा।"}) {
        hs::Turn turn;
        turn.index = static_cast<int>(out.turns.size()) + 1;
        turn.role = turn.index == 2 ? hs::Role::customer : hs::Role::agent;
        turn.end_ms = 1000;
        turn.text = text;
        hs::interpolate_words(turn);
        out.turns.push_back(std::move(turn));
    }
    return out;
}

const hs::json::object& schema() {
    static const auto document = hs::parse_json(R"({"type":"object","required":["answers"],
        "properties":{"answers":{"type":"array","items":{"$ref":"#/$defs/a"}}},
        "$defs":{"a":{"type":["string","integer"],"minLength":1,"maximum":9}}})")
                                     ->as_object();
    return document;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> complaints;
    (void)hs::analysis::checked_claims(schema(), input, complaints);
    static const auto transcript = call();
    static const hs::analysis::QuoteAligner aligner(transcript);
    const auto place = aligner.find(input, static_cast<int>(size % 5), hs::Role::agent);
    if (!place) return 0;
    const bool there = place->turn >= 1 && place->turn <= 3;
    if (!there) std::abort();
    const auto words =
        static_cast<int>(transcript.turns[static_cast<std::size_t>(place->turn - 1)].words.size());
    if (place->word_from < 0 || place->word_to >= words || place->word_from > place->word_to)
        std::abort();
    return 0;
}

#include "seeds_main.hpp"
