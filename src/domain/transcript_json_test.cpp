#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "domain/transcript_json.hpp"

namespace hs {
namespace {

/// Any transcript: signs to be escaped, two scripts, whole and broken numbers, empty lists.
class AnyTranscript {
public:
    explicit AnyTranscript(unsigned seed) : random_(seed) {}

    Transcript next() {
        Transcript out;
        for (auto left = count(4); left > 0; --left)
            out.turns.push_back(turn());
        out.language = text();
        for (auto left = count(3); left > 0; --left)
            out.languages.push_back({text(), number()});
        out.engine = text();
        out.model = text();
        out.engine_version = text();
        out.role_confidence = number();
        out.diarisation = text();
        out.diarisation_confidence = number();
        out.low_confidence = flag();
        for (auto left = count(3); left > 0; --left)
            out.low_confidence_reasons.push_back(text());
        out.words_timed = text();
        out.duration_ms = whole();
        out.machine = flag();
        return out;
    }

private:
    Turn turn() {
        Turn out;
        out.index = whole();
        out.speaker = text();
        out.role = flag() ? Role::agent : flag() ? Role::customer : Role::unknown;
        out.start_ms = whole();
        out.end_ms = whole();
        out.text = text();
        out.language = text();
        out.confidence = number();
        out.overlap = flag();
        for (auto left = count(4); left > 0; --left)
            out.words.push_back({text(), whole(), whole(), number(), flag() ? text() : ""});
        return out;
    }

    std::uint_fast32_t count(unsigned most) { return random_() % (most + 1); }

    bool flag() { return random_() % 2 == 0; }

    int whole() { return static_cast<int>(random_()); }

    double number() {
        switch (random_() % 5) {
        case 0: return 0.0;
        case 1: return -0.0;
        case 2: return whole();
        case 3: return whole() * 1e-3;
        default:
            return std::ldexp(static_cast<double>(random_()),
                              static_cast<int>(random_() % 200) - 130);
        }
    }

    std::string text() {
        static const std::vector<std::string> pieces = {
            "a", "Hold", " ", "\"", "\\", "\n", "\t", "\x01", "\x1f", "बैटरी", "😀", "/", "\x7f"};
        std::string out;
        for (auto left = count(4); left > 0; --left)
            out += pieces[random_() % pieces.size()];
        return out;
    }

    std::mt19937 random_;
};

TEST(TranscriptHash, IsThatOfTheCanonicalJson) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    AnyTranscript any(seed);
    for (int i = 0; i < 300; ++i) {
        const auto transcript = any.next();
        const auto canonical = canonical_json(transcript_json(transcript));
        ASSERT_EQ(transcript_hash(transcript), sha256_hex(canonical)) << canonical;
    }
}

TEST(TranscriptHash, CanonicalJsonStaysAsItWasStored) {
    Transcript transcript;
    Turn turn;
    turn.speaker = "ch0";
    turn.role = Role::agent;
    turn.end_ms = 1500;
    turn.text = "Good \"morning\"";
    turn.confidence = 0.875;
    turn.words = {{"Good", 0, 700, 1.0, "en"}, {"\"morning\"", 700, 1500, 1e-7, ""}};
    transcript.turns.push_back(turn);
    EXPECT_EQ(canonical_json(transcript_json(transcript)),
              R"({"diarisation":"channels","diarisation_confidence":1,"duration_ms":0,"engine":"",)"
              R"("engine_version":"","language":"und","languages":[],"low_confidence":false,)"
              R"("low_confidence_reasons":[],"machine":false,"model":"","role_confidence":1,)"
              R"("turns":[{"confidence":0.875,"end_ms":1500,"index":1,"language":"und",)"
              R"("overlap":false,"role":"agent","speaker":"ch0","start_ms":0,)"
              R"("text":"Good \"morning\"","words":[{"confidence":1,"end_ms":700,"lang":"en",)"
              R"("start_ms":0,"text":"Good"},{"confidence":1e-7,"end_ms":1500,"start_ms":700,)"
              R"("text":"\"morning\""}]}],"words_timed":"asr"})");
}

} // namespace
} // namespace hs
