#include <gtest/gtest.h>

#include "analysis/text/folding.hpp"

namespace hs::analysis {
namespace {

struct Pair {
    const char* a;
    const char* b;
};

class SameWord : public testing::TestWithParam<Pair> {};

TEST_P(SameWord, InBothDirections) {
    const auto a = fold(GetParam().a);
    const auto b = fold(GetParam().b);
    EXPECT_TRUE(same_word(a, b)) << a.k1 << "/" << a.k2 << "/" << a.k3 << " " << b.k1 << "/" << b.k2
                                 << "/" << b.k3;
    EXPECT_TRUE(same_word(b, a));
}

INSTANTIATE_TEST_SUITE_P(Checked,
                         SameWord,
                         testing::Values(Pair{"कृपया", "kripya"},
                                         Pair{"नहीं", "nahi"},
                                         Pair{"नहीं", "nahin"},
                                         Pair{"धन्यवाद", "dhanyawad"},
                                         Pair{"धन्यवाद", "dhanyavaad"},
                                         Pair{"शिकायत", "shikayat"},
                                         Pair{"स्विफ्ट", "swift"},
                                         Pair{"रजिस्टर्ड", "registered"},
                                         Pair{"मैनेजर", "manager"},
                                         Pair{"रिफंड", "refund"},
                                         Pair{"क्या", "kya"},
                                         Pair{"है", "hai"},
                                         Pair{"nhi", "नहीं"},
                                         Pair{"krupya", "कृपया"},
                                         Pair{"बताइए", "bataiye"},
                                         Pair{"plz", "please"},
                                         Pair{"वोल्ट", "volt"},
                                         Pair{"नमस्ते", "namaste"},
                                         Pair{"माफ़ी", "maafi"},
                                         Pair{"shikaayat", "shikayat"},
                                         Pair{"स्वागत", "swagat"},
                                         Pair{"इंतज़ार", "intezaar"},
                                         Pair{"ओटीपी", "OTP"}));

class OtherWord : public testing::TestWithParam<Pair> {};

TEST_P(OtherWord, InBothDirections) {
    EXPECT_FALSE(same_word(fold(GetParam().a), fold(GetParam().b)));
    EXPECT_FALSE(same_word(fold(GetParam().b), fold(GetParam().a)));
}

INSTANTIATE_TEST_SUITE_P(Checked,
                         OtherWord,
                         testing::Values(Pair{"feet", "fit"},
                                         Pair{"paid", "ped"},
                                         Pair{"card", "cord"},
                                         Pair{"मत", "मदद"},
                                         Pair{"पुलिस", "palace"},
                                         Pair{"otp", "pin"},
                                         Pair{"", "na"}));

TEST(Folding, WordEndNasalHasTwoKeys) {
    const auto keys = fold("बातें");
    EXPECT_EQ(keys.k1, "baaten");
    EXPECT_EQ(keys.k1_alt, "baate");
    EXPECT_TRUE(same_word(keys, fold("baate")));
}

TEST(Folding, SchwaIsDroppedAtTheEndAndBetweenVcAndCv) {
    EXPECT_EQ(fold("शिकायत").k1, "shikaayat");
    EXPECT_EQ(fold("समझना").k1, "samajhnaa");
    EXPECT_EQ(fold("कम").k1, "kam");
}

TEST(Folding, StemsJoinTheFormsOfAVerb) {
    const auto stem = [](const char* word) { return light_stem(fold(word)); };
    EXPECT_EQ(stem("release"), stem("releasing"));
    EXPECT_EQ(stem("released"), stem("releases"));
    EXPECT_EQ(stem("cancel"), stem("cancelled"));
    EXPECT_EQ(stem("apply"), stem("applied"));
    EXPECT_EQ(stem("kaatna"), stem("kaate"));
    EXPECT_EQ(stem("काटना"), stem("kaati"));
    EXPECT_NE(stem("cancel"), stem("candle"));
}

TEST(Folding, PhoneticCodesIgnoreSpelling) {
    const auto code = [](const char* word) { return phonetic_code(fold(word)).primary; };
    EXPECT_EQ(code("smith"), code("smyth"));
    EXPECT_EQ(code("phone"), code("fone"));
    EXPECT_EQ(code("knight"), code("night"));
    EXPECT_NE(code("refund"), code("battery"));
}

} // namespace
} // namespace hs::analysis
