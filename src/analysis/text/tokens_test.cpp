#include <random>

#include <gtest/gtest.h>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {
namespace {

std::string texts(std::string_view text) {
    std::string joined;
    for (const auto& token : tokenise_text(text).tokens)
        joined.append(joined.empty() ? "" : "|").append(token.text);
    return joined;
}

TEST(Tokens, WordsAreLowerCaseWithoutSigns) {
    EXPECT_EQ(texts("Don't worry, I'm here."), "dont|worry|im|here");
    EXPECT_EQ(texts("pick-up at e-mail"), "pick|up|at|e|mail");
    EXPECT_EQ(texts("Tell me the O T P"), "tell|me|the|otp");
    EXPECT_EQ(texts("the O.T.P. please"), "the|otp|please");
    EXPECT_EQ(texts("am I a customer"), "am|i|a|customer");
    EXPECT_EQ(texts("can I o t p"), "can|i|otp");
    EXPECT_EQ(texts("ओ टी पी बताइए।"), "ओटीपी|बताइए");
    EXPECT_EQ(texts("₹1,499 hai"), "rupees|1499|hai");
    EXPECT_EQ(texts("write to help.desk@volt.in."), "write|to|help.desk@volt.in");
}

TEST(Tokens, SignsInFrontBelongToTheWordBefore) {
    const auto text = tokenise_text("okay — no, (yes) ?really .");
    const auto& tokens = text.tokens;
    ASSERT_EQ(tokens.size(), 4U);
    EXPECT_TRUE(tokens[0].comma_after);
    EXPECT_TRUE(tokens[1].comma_after);
    EXPECT_TRUE(tokens[2].sentence_end);
    EXPECT_TRUE(tokens[2].question);
    EXPECT_TRUE(tokens[3].sentence_end);
    EXPECT_FALSE(tokens[3].question);
    EXPECT_EQ(texts("? hello"), "hello"); // nothing was said before
}

TEST(Tokens, EqualTextsAreOneLexeme) {
    Transcript call;
    for (const auto* const text : {"Hold on. Ninety six, the O T P!", "ninety six hold, otp"}) {
        Turn turn;
        turn.text = text;
        interpolate_words(turn);
        call.turns.push_back(turn);
    }
    const auto text = tokenise(call);
    const auto& tokens = text.tokens;
    for (const auto& a : tokens)
        for (const auto& b : tokens)
            EXPECT_EQ(a.lexeme == b.lexeme, a.text == b.text) << a.text << " and " << b.text;
}

TEST(Tokens, KnownWordsChangeNothing) {
    KnownWords known;
    for (const auto* const word : {"kam", "do", "never", "ninety", "बैटरी", "six", "hold"})
        known.add(word);
    Transcript call;
    for (const auto* const language : {"en", "hi-Latn"}) {
        Turn turn;
        turn.text = "Never hold. Kam do ninety six बैटरी swap";
        turn.language = language;
        interpolate_words(turn);
        call.turns.push_back(turn);
    }
    const auto plain = tokenise(call);
    const auto quick = tokenise(call, &known);
    ASSERT_EQ(plain.tokens.size(), quick.tokens.size());
    for (std::size_t i = 0; i < plain.tokens.size(); ++i) {
        const auto& a = plain.tokens[i];
        const auto& b = quick.tokens[i];
        EXPECT_EQ(a.text, b.text);
        EXPECT_EQ(a.keys->k1, b.keys->k1) << a.text;
        EXPECT_EQ(a.keys->k2, b.keys->k2) << a.text;
        EXPECT_EQ(a.keys->k3, b.keys->k3) << a.text;
        EXPECT_EQ(a.keys->english, b.keys->english) << a.text;
        EXPECT_EQ(a.digits, b.digits) << a.text;
        EXPECT_EQ(a.negator, b.negator) << a.text;
        EXPECT_EQ(a.negated, b.negated) << a.text;
    }
    // The same word is English in the first turn and may be Hindi in the second one.
    EXPECT_TRUE(quick.tokens[1].keys->english);
    EXPECT_FALSE(
        quick.tokens[static_cast<std::size_t>(quick.turn_ranges[1].first) + 1].keys->english);
}

TEST(Tokens, LettersKeepTheirWords) {
    const auto text = tokenise_text("the o t p please");
    const auto& tokens = text.tokens;
    ASSERT_EQ(tokens.size(), 3U);
    EXPECT_EQ(tokens[1].word_from, 1);
    EXPECT_EQ(tokens[1].word_to, 3);
}

struct NumberCase {
    const char* text;
    const char* digits; // of the first number; empty: none
};

class Numbers : public testing::TestWithParam<NumberCase> {};

TEST_P(Numbers, AreRead) {
    std::string digits;
    for (const auto& token : tokenise_text(GetParam().text).tokens)
        if (token.is_number && digits.empty()) digits = token.digits;
    EXPECT_EQ(digits, GetParam().digits);
}

INSTANTIATE_TEST_SUITE_P(Spoken,
                         Numbers,
                         testing::Values(NumberCase{"at ninety six percent", "96"},
                                         NumberCase{"ninety eight twelve", "9812"},
                                         NumberCase{"double nine eight", "998"},
                                         NumberCase{"four four seven one", "4471"},
                                         NumberCase{"two hundred and fifty rupees", "250"},
                                         NumberCase{"do sau pachas rupaye", "250"},
                                         NumberCase{"एक सौ उनचास रुपये", "149"},
                                         NumberCase{"paanch hazaar", "5000"},
                                         NumberCase{"२४ घंटे", "24"},
                                         NumberCase{"0071 four", "00714"},
                                         NumberCase{"five to seven working days", "5"},
                                         NumberCase{"5-7 working days", "5"},
                                         NumberCase{"five seven days", "5"},
                                         NumberCase{"paanch se saat din", "5"},
                                         NumberCase{"do din mein", "2"},
                                         NumberCase{"do se teen din", "2"},
                                         NumberCase{"what do you want", ""},
                                         NumberCase{"मुझे दे दो", ""},
                                         NumberCase{"mere saath aaiye", ""},
                                         NumberCase{"I was double charged", ""},
                                         NumberCase{"nine o five", "905"},
                                         NumberCase{"twenty twenty four", "2024"},
                                         NumberCase{"one lakh", "100000"},
                                         NumberCase{"at 5pm", "5"}));

struct NegationCase {
    const char* text;
    const char* word;
    bool negated;
};

class Negation : public testing::TestWithParam<NegationCase> {};

TEST_P(Negation, GovernsItsClause) {
    const auto& param = GetParam();
    bool found = false;
    for (const auto& token : tokenise_text(param.text).tokens) {
        if (token.text != param.word) continue;
        found = true;
        EXPECT_EQ(token.negated, param.negated) << param.text;
    }
    EXPECT_TRUE(found);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Negation,
    testing::Values(
        NegationCase{"Please never share your OTP with anyone", "otp", true},
        NegationCase{"Never share your OTP, PIN or password", "password", true},
        NegationCase{"Tell me the O T P", "otp", false},
        NegationCase{"Can't you tell me the OTP?", "otp", false},
        NegationCase{"why don't you tell me the otp", "otp", false},
        NegationCase{"could you not send the otp", "otp", false},
        NegationCase{"I am not angry and I do not want to complain or go to court", "court", true},
        NegationCase{"I am not angry, and I will go to court", "court", false},
        NegationCase{"I won't wait but I will go to court", "court", false},
        NegationCase{"We cannot do that, the policy says five days", "policy", false},
        NegationCase{"We never, under any circumstances, ask for your otp", "otp", true},
        NegationCase{"paise nahi mile, court jaunga", "court", false},
        NegationCase{"otp, pin kisi ko mat batana", "otp", true},
        NegationCase{"No, tell me the otp", "otp", false},
        NegationCase{"no i have the otp", "otp", false},
        NegationCase{"No problem, read the otp", "otp", false},
        NegationCase{"No one told me about court", "court", false},
        NegationCase{"Don't worry, share the otp", "otp", false},
        NegationCase{"don't worry share the otp", "otp", false},
        NegationCase{"Not only the otp", "otp", false},
        NegationCase{"Without the otp it works", "works", true},
        NegationCase{"I cannot continue without your otp", "otp", false},
        NegationCase{"i do not see it please tell me the otp", "otp", false},
        NegationCase{"Don't hang up and tell me the otp", "otp", false},
        NegationCase{"Do not share it. Tell me the otp.", "otp", false},
        NegationCase{"OTP kisi ko mat bataiye", "otp", true},
        NegationCase{"otp nahi aaya aap pin bataiye", "pin", false},
        NegationCase{"otp nahi aaya, aap pin bataiye", "pin", false},
        NegationCase{"ओटीपी किसी को मत बताइए", "ओटीपी", true},
        NegationCase{"ओटीपी बताइए", "ओटीपी", false},
        NegationCase{"otp na batayein kisi ko", "otp", true},
        NegationCase{"otp bataiye na", "otp", false},
        NegationCase{"otp aaya ya nahi", "otp", false},
        NegationCase{"nahi to police jaunga", "police", false},
        NegationCase{"nahi, police jaunga", "police", false},
        NegationCase{"nahi nahi otp mat dena", "otp", false},
        NegationCase{"ticket no 5 otp", "otp", false},
        NegationCase{"it did not open", "open", true}));

TEST(Tokens, QuestionsAndSentences) {
    const auto text = tokenise_text("May I hold? Thank you");
    const auto& tokens = text.tokens;
    ASSERT_EQ(tokens.size(), 5U);
    EXPECT_TRUE(tokens[0].question);
    EXPECT_TRUE(tokens[2].sentence_end);
    EXPECT_FALSE(tokens[3].question);
}

TEST(Tokens, AnyBytesAreRead) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::vector<std::string> pieces = {
        "o",    "t", "p", " ",  ".",  "?", ",", "one", "double", "sau", "do", "नहीं", "\xE0\xA4",
        "\xFF", "@", "-", "\n", "99", "/", "'", "₹",   "%",      "mat", "to", "से",   "\xC3"};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (int i = 0; i < 12; ++i) {
            text += pieces[random() % pieces.size()];
            if (random() % 2 == 0) text += ' ';
        }
        for (const auto& token : tokenise_text(text).tokens) {
            EXPECT_FALSE(token.text.empty());
            EXPECT_LE(token.word_from, token.word_to);
        }
    }
}

} // namespace
} // namespace hs::analysis
