#include <cstdio>

#include <gtest/gtest.h>

#include "analysis/roles.hpp"
#include "analysis/sentiment/corpus_for_test.hpp"

namespace hs::analysis {
namespace {

using testing::call;

Transcript without_roles(Transcript transcript) {
    for (Turn& turn : transcript.turns)
        turn.role = Role::unknown;
    return transcript;
}

Role role_of(const RoleGuess& guess, const std::string& speaker) {
    for (const SpeakerRole& each : guess.role_of_speaker)
        if (each.speaker == speaker) return each.role;
    return Role::unknown;
}

TEST(Roles, ChannelMapBeatsWhatIsSaid) {
    const auto transcript =
        without_roles(call({{Role::agent, "Thank you for calling, how may I help?"},
                            {Role::customer, "My battery is stuck."}}));
    const RoleSources swapped{.channel_map = {{"ch1", Role::agent}}, .brand = {}};
    const auto guess = guess_roles(transcript, swapped);
    EXPECT_FALSE(guess.inferred);
    EXPECT_EQ(role_of(guess, "ch1"), Role::agent);
    EXPECT_EQ(role_of(guess, "ch0"), Role::customer);
    EXPECT_EQ(with_roles(transcript, guess).turns[0].role, Role::customer);
}

TEST(Roles, RolesOfTheTranscriptStand) {
    const auto guess = guess_roles(
        call({{Role::customer, "How may I help you?"}, {Role::agent, "My battery is stuck."}}));
    EXPECT_FALSE(guess.inferred);
    EXPECT_EQ(role_of(guess, "ch1"), Role::customer);
}

TEST(Roles, HalfOfTheSignsAreEnough) {
    const auto guess = guess_roles(
        without_roles(call({{Role::customer, "my battery is stuck in the machine"},
                            {Role::agent, "sorry tell me your registered number"},
                            {Role::customer, "nine eight one two three four five six seven zero"},
                            {Role::agent, "okay anything else"}})));
    EXPECT_EQ(role_of(guess, "ch0"), Role::agent);
    EXPECT_GE(guess.confidence, role_confidence_floor);
}

TEST(Roles, NothingSaidIsUncertain) {
    const auto guess =
        guess_roles(without_roles(call({{Role::agent, "hmm"}, {Role::customer, "okay"}})));
    EXPECT_TRUE(guess.inferred);
    EXPECT_LT(guess.confidence, role_confidence_floor);
    EXPECT_TRUE(guess_roles({}).role_of_speaker.empty());
}

TEST(Roles, BrandNamedIsASign) {
    const auto transcript =
        without_roles(call({{Role::agent, "haan acme boliye"}, {Role::customer, "haan"}}));
    const auto plain = guess_roles(transcript);
    const auto with_brand = guess_roles(transcript, {.channel_map = {}, .brand = {"acme"}});
    EXPECT_GT(with_brand.confidence, plain.confidence);
}

TEST(Roles, BundledCallsWithoutTheirRoles) {
    int right = 0;
    int sure_and_wrong = 0;
    int all = 0;
    for (const char* file : {"manifest.json", "transcripts.json"}) {
        for (const auto& labelled : testing::corpus(file)) {
            if (labelled.transcript.turns.empty()) continue;
            const auto guess = guess_roles(without_roles(labelled.transcript));
            const bool good = role_of(guess, "ch0") == Role::agent;
            right += good ? 1 : 0;
            sure_and_wrong += !good && guess.confidence >= role_confidence_floor ? 1 : 0;
            ++all;
        }
    }
    std::printf("roles inferred as labelled: %d of %d calls, %d wrong ones were sure\n",
                right,
                all,
                sure_and_wrong);
    EXPECT_GE(right, all * 97 / 100);
    EXPECT_LE(sure_and_wrong, 1);
}

} // namespace
} // namespace hs::analysis
