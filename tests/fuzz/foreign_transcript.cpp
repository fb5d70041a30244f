// Any bytes as a finished transcript: an error, or turns in order with words that fit their text.
#include "domain/foreign_transcript.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.hpp"

namespace {

void check(const hs::Transcript& call) {
    int start = 0;
    for (const auto& turn : call.turns) {
        std::string joined;
        for (const auto& word : turn.words) {
            if (word.start_ms < turn.start_ms || word.end_ms > turn.end_ms) std::abort();
            joined += (joined.empty() ? "" : " ") + word.text;
        }
        if (joined != turn.text || turn.text.empty()) std::abort();
        if (turn.start_ms < start || turn.end_ms < turn.start_ms) std::abort();
        start = turn.start_ms;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto call = hs::read_subtitles(text)) check(*call);
    const auto document = hs::parse_json(text);
    if (!document) return 0;
    const auto call = hs::read_foreign_transcript(*document);
    if (call && *call) check(**call);
    return 0;
}

#include "seeds_main.hpp"
