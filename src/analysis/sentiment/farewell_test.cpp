#include <gtest/gtest.h>

#include "analysis/sentiment/corpus_for_test.hpp"
#include "analysis/sentiment/farewell.hpp"

namespace hs::analysis {
namespace {

using testing::call;

const Lexicon& lexicon() {
    static const auto loaded = Lexicon::load(HS_SOURCE_DIR "/scorecards/lexicon");
    return *loaded;
}

Farewell leave(const char* last, const char* before = "nine eight seven") {
    const auto transcript = call({{Role::customer, "my scooter does not start"},
                                  {Role::agent, "let me look"},
                                  {Role::customer, before},
                                  {Role::agent, "there you are"},
                                  {Role::customer, last}});
    return farewell_of(transcript, tokenise(transcript), lexicon());
}

TEST(Farewell, ThanksBlessingsAndReliefAreContent) {
    EXPECT_TRUE(leave("Thanks yaar.").content);
    EXPECT_TRUE(leave("Nahi beta, khush raho.").content);
    EXPECT_TRUE(leave("नहीं सरदार जी, जीते रहिए।").content);
    EXPECT_TRUE(leave("Fine. At least you asked.").accepts); // grudging
    EXPECT_TRUE(leave("It's rolling! It is moving.").relieved);
    EXPECT_TRUE(leave("भगवान तुम्हारा भला करे बेटा, बड़ा बोझ उतर गया।").relieved);
    EXPECT_FALSE(leave("Okay.").content);
}

TEST(Farewell, ContemptThreatsAndLeavingAreBitter) {
    EXPECT_TRUE(leave("Leave it.").bitter);
    EXPECT_TRUE(leave("You haven't helped with anything.").bitter);
    EXPECT_TRUE(leave("Great. Thanks for nothing.").bitter);
    EXPECT_FALSE(leave("Great. Thanks for nothing.").content);
    EXPECT_TRUE(leave("Case number apne paas rakho.").bitter);
    EXPECT_TRUE(leave("अपने पास रखो सहायता।").bitter);
    EXPECT_FALSE(leave("No, that's all. Thank you.").bitter);
}

TEST(Farewell, WhatIsSaidLastStands) {
    EXPECT_FALSE(leave("Oh, it opened! Thank you so much.", "This is useless, leave it.").bitter);
    EXPECT_FALSE(leave("Leave it. This is useless.", "Thank you.").content);
}

TEST(Farewell, DoubtIsNoContent) {
    EXPECT_TRUE(leave("No, I will wait and see.").wary);
    EXPECT_TRUE(leave("नहीं, देखते हैं चार बजे।").wary);
    EXPECT_FALSE(leave("No, that's all.").wary);
}

TEST(Farewell, ABrokenLineIsNone) {
    EXPECT_TRUE(leave("Hello? Hello? Can you hear me").cut_off);
    EXPECT_TRUE(leave("क्या? आवाज़ टूट रही है।").cut_off);
}

TEST(Farewell, NobodySpeaking) {
    const auto transcript = call({{Role::agent, "hello"}});
    const auto said = farewell_of(transcript, tokenise(transcript), lexicon());
    EXPECT_FALSE(said.content || said.bitter || said.wary || said.cut_off);
}

} // namespace
} // namespace hs::analysis
