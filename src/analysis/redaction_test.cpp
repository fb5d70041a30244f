#include <cstdio>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "analysis/redaction.hpp"
#include "analysis/redaction/number_checks.hpp"
#include "analysis/redaction/spoken_calls_for_test.hpp"
#include "analysis/sentiment/corpus_for_test.hpp"

namespace hs::analysis {
namespace {

using testing::call;

/// The customer's answer, redacted, after the agent's question.
std::string answer(const char* question, const char* said, const std::string& language = "en") {
    const auto transcript = call({{Role::agent, question}, {Role::customer, said}}, language);
    return redacted(transcript, find_personal_data(transcript, {})).turns[1].text;
}

std::string types(const char* question, const char* said, const std::string& language = "en") {
    const auto transcript = call({{Role::agent, question}, {Role::customer, said}}, language);
    std::string all;
    for (const auto& span : find_personal_data(transcript, {}))
        if (span.turn == 2) all += (all.empty() ? "" : " ") + span.type;
    return all;
}

TEST(NumberChecks, PublishedExamples) {
    EXPECT_TRUE(redaction::is_card("4111111111111111"));
    EXPECT_FALSE(redaction::is_card("4111111111111112"));
    EXPECT_FALSE(redaction::is_card("0000000000000000"));
    EXPECT_TRUE(redaction::passes_verhoeff("2363")); // Verhoeff's own example
    EXPECT_FALSE(redaction::passes_verhoeff("2364"));
    EXPECT_TRUE(redaction::is_phone("9831044125", false));
    EXPECT_TRUE(redaction::is_phone("919831044125", false));
    EXPECT_FALSE(redaction::is_phone("5831044125", false));
    EXPECT_TRUE(redaction::is_phone("4420794600", true));
    EXPECT_TRUE(redaction::is_vehicle("DL3CAB1234"));
    EXPECT_TRUE(redaction::is_vehicle("22BH1234AA"));
    EXPECT_FALSE(redaction::is_vehicle("XX3CAB1234"));
    EXPECT_TRUE(redaction::is_pan("ABCPE1234F"));
    EXPECT_FALSE(redaction::is_pan("ABCXE1234F"));
}

TEST(Redaction, SpokenPhoneNumbers) {
    const char* ask = "May I have your mobile number?";
    EXPECT_EQ(types(ask, "nine eight one two three four five six seven zero"), "PHONE");
    EXPECT_EQ(types(ask, "nine eight four five, double zero, three one seven six"), "PHONE");
    EXPECT_EQ(types(ask, "ninety eight twelve, uh, thirty four fifty six and seventy eight"),
              "PHONE");
    EXPECT_EQ(types(ask, "नौ आठ एक दो तीन चार पाँच छह सात शून्य", "hi"), "PHONE");
    EXPECT_EQ(types(ask, "saat nau sifar sifar paanch paanch ek ek chhe do", "hi-Latn"), "PHONE");
    EXPECT_EQ(types(ask, "अट्ठानवे बारह चौंतीस छप्पन अठहत्तर", "hi"), "PHONE");
    EXPECT_EQ(types(ask, "+91 98310 44125"), "PHONE");
    EXPECT_EQ(types(ask, "९८३१०४४१२५", "hi"), "PHONE");
}

TEST(Redaction, WordsKeepTheirPlaces) {
    const auto transcript = call({{Role::customer, "It is 98310 44125, thank you."}});
    const auto spans = find_personal_data(transcript, {});
    const auto masked = redacted(transcript, spans);
    EXPECT_EQ(masked.turns[0].text, "It is [PHONE] […] thank you.");
    ASSERT_EQ(masked.turns[0].words.size(), transcript.turns[0].words.size());
    ASSERT_EQ(spans.size(), 1u);
    EXPECT_EQ(spans[0].word_from, 2);
    EXPECT_EQ(spans[0].start_ms, transcript.turns[0].words[2].start_ms);
    EXPECT_EQ(spans[0].end_ms, transcript.turns[0].words[3].end_ms);
}

TEST(Redaction, ANumberDictatedOverTurnsWithReadBack) {
    const auto transcript = call({{Role::agent, "your mobile number please"},
                                  {Role::customer, "nine eight three one"},
                                  {Role::agent, "nine eight three one okay"},
                                  {Role::customer, "zero double four one two five"},
                                  {Role::agent, "thank you"}});
    const auto masked = redacted(transcript, find_personal_data(transcript, {}));
    EXPECT_EQ(masked.turns[1].text, "[PHONE] […] […] […]");
    EXPECT_EQ(masked.turns[2].text, "[PHONE] […] […] […] okay");
    EXPECT_EQ(masked.turns[3].text, "[PHONE] […] […] […] […] […]");
}

TEST(Redaction, SecretsByCue) {
    EXPECT_EQ(types("tell me the O T P", "it is four eight two one"), "OTP");
    EXPECT_EQ(types("okay", "the code has come, it is four, eight, two..."), "OTP");
    EXPECT_EQ(types("and your card pin", "4821"), "PIN");
    EXPECT_EQ(types("what is your area pin code", "it is 4821"), "");
    EXPECT_EQ(types("the cvv on the back", "three one nine"), "CVV");
    EXPECT_EQ(types("your account number please", "it is 0041 0200 1234"), "ACCOUNT");
    EXPECT_EQ(types("last four digits of your registered number", "seven seven three one"),
              "PHONE");
    EXPECT_EQ(types("last four digits of the card", "seven seven three one"), "CARD");
    EXPECT_EQ(types("ओटीपी बताइए", "पाँच नौ दो एक", "hi"), "OTP");
}

TEST(Redaction, LongRunsThatFailEveryCheckAreMasked) {
    EXPECT_EQ(types("go on", "12345 67890 1"), "NUMBER");
    EXPECT_EQ(answer("go on", "ref1234567890x here"), "[NUMBER] here");
}

TEST(Redaction, QuantitiesAreNot) {
    for (const char* said : {"I paid 1500 rupees in 2 days",
                             "five to seven working days",
                             "battery ninety six percent in slot 14",
                             "station 2045 at 7:52 pm",
                             "two hundred and fifty rupees",
                             "around 1,650 was cut"})
        EXPECT_EQ(types("tell me the otp issue", said), "") << said;
}

TEST(Redaction, PlatesAndPan) {
    EXPECT_EQ(types("vehicle number", "DL 3 R, uh, 4471. It's a rickshaw"), "VEHICLE");
    EXPECT_EQ(types("vehicle number", "b r zero one p five six five nine"), "VEHICLE");
    EXPECT_EQ(types("गाड़ी नंबर", "यू पी अठहत्तर, डी एन, चार शून्य एक दो", "hi"), "VEHICLE");
    EXPECT_EQ(types("", "it is 22 BH 1234 AA"), "VEHICLE");
    EXPECT_EQ(types("pan card", "a b c p e one two three four f"), "PAN");
    EXPECT_EQ(types("pan card", "ABCPE1234F"), "PAN");
}

TEST(Redaction, MailAndPaymentAddresses) {
    EXPECT_EQ(answer("your email", "Email is rupa dot basu at gmail, thanks"),
              "Email is [EMAIL] […] […] […] […] thanks");
    EXPECT_EQ(types("your email", "rahul underscore 99 at the rate yahoo dot com"), "EMAIL");
    EXPECT_EQ(types("email", "rahul@example.com"), "EMAIL");
    EXPECT_EQ(types("upi id", "rahul.k@okhdfcbank"), "UPI");
    EXPECT_EQ(types("upi", "rahul99 at the rate ybl"), "UPI");
    EXPECT_EQ(types("where are you", "I am at the station at the gate"), "");
}

TEST(Redaction, BirthDatesAndAddresses) {
    EXPECT_EQ(types("your date of birth?", "Fourteenth August eighty nine."), "DOB");
    EXPECT_EQ(types("जन्मतिथि बता दें", "पंद्रह जुलाई उन्नीस सौ इक्यासी", "hi"), "DOB");
    EXPECT_EQ(types("when did it happen", "on the fourteenth of August"), "");
    EXPECT_EQ(answer("your address please", "Green park, block C. It is closed."),
              "[ADDRESS] […] […] […] It is closed.");
}

TEST(Redaction, Names) {
    const auto transcript = call({{Role::agent, "Thank you Mr Kurian, this is Farida"},
                                  {Role::customer, "my name is Thomas Kurian and I am calling"}});
    const auto masked =
        redacted(transcript, find_personal_data(transcript, {"Thomas Kurian", "Farida"}));
    EXPECT_EQ(masked.turns[0].text, "Thank you Mr [NAME] this is Farida");
    EXPECT_EQ(masked.turns[1].text, "my name is [NAME] […] and I am calling");
    const auto for_model =
        redacted(transcript, find_personal_data(transcript, {"", "Farida"}, Audience::model));
    EXPECT_EQ(for_model.turns[0].text, "Thank you Mr Kurian, this is [NAME]");
    EXPECT_EQ(types("जी", "मेरा नाम सुकन्या है", "hi"), "NAME");
    const auto other_script = call({{Role::agent, "सुकन्या जी"}}, "hi");
    EXPECT_EQ(find_personal_data(other_script, {"Sukanya", ""}).size(), 1u);
}

TEST(Redaction, AnUnsureAnswerToASecretIsMaskedWhole) {
    auto transcript =
        call({{Role::agent, "please tell me the otp"}, {Role::customer, "for tea won ate two"}});
    EXPECT_TRUE(find_personal_data(transcript, {}).empty());
    for (Word& word : transcript.turns[1].words)
        word.confidence = 0.4;
    const auto spans = find_personal_data(transcript, {});
    ASSERT_EQ(spans.size(), 1u);
    EXPECT_EQ(spans[0].type, "OTP");
    EXPECT_EQ(spans[0].word_to, 4);
}

TEST(Redaction, FreeText) {
    EXPECT_EQ(redacted_text("Call back on 98310 44125, today.", {}),
              "Call back on [PHONE], today.");
    EXPECT_EQ(redacted_text("Customer Asha said\n  5 to 7 days", {"Asha", ""}),
              "Customer [NAME] said\n  5 to 7 days");
    EXPECT_EQ(redacted_text("", {}), "");
    EXPECT_EQ(redacted_text("Call back on [PHONE], today.", {}), "Call back on [PHONE], today.");
}

struct Tally {
    int instances = 0;
    int found = 0;
};

bool inside(const std::vector<PersonalSpan>& spans, std::size_t turn, std::size_t word) {
    for (const auto& span : spans)
        if (span.turn == static_cast<int>(turn) + 1 && span.word_from <= static_cast<int>(word) &&
            span.word_to >= static_cast<int>(word))
            return true;
    return false;
}

TEST(Redaction, SyntheticSetReachesRecallAndPrecision) {
    const std::uint32_t seed = 20260117;
    std::printf("seed %u\n", seed);
    testing::UtteranceMaker maker(seed);
    std::map<std::string, Tally> tallies;
    int spans_found = 0;
    int spans_right = 0;
    int utterances = 0;
    for (const char* language : {"en", "hi", "hi-Latn"}) {
        for (const char* type : {"PHONE", "CARD", "AADHAAR", "OTP", "none"}) {
            for (int i = 0; i < (std::string(type) == "none" ? 120 : 80); ++i) {
                const auto made = maker.make(type, language);
                const auto spans = find_personal_data(made.transcript, {});
                ++utterances;
                bool all = true;
                for (std::size_t t = 0; t < made.personal.size(); ++t)
                    for (std::size_t w = 0; w < made.personal[t].size(); ++w)
                        if (made.personal[t][w]) all = all && inside(spans, t, w);
                auto& tally = tallies[std::string(type) + " " + language];
                ++tally.instances;
                const bool good = std::string(type) == "none" ? spans.empty() : all;
                tally.found += good ? 1 : 0;
                for (const auto& span : spans) {
                    ++spans_found;
                    bool right = true;
                    for (int w = span.word_from; w <= span.word_to; ++w)
                        right = right && made.personal[static_cast<std::size_t>(span.turn) - 1]
                                                      [static_cast<std::size_t>(w)];
                    spans_right += right ? 1 : 0;
                }
                if (!good)
                    for (const auto& turn : redacted(made.transcript, spans).turns)
                        std::printf("  %s %s: %s\n", type, language, turn.text.c_str());
            }
        }
    }
    std::map<std::string, Tally> by_type;
    for (const auto& [name, tally] : tallies) {
        std::printf("%-18s %3d of %3d\n", name.c_str(), tally.found, tally.instances);
        auto& sum = by_type[name.substr(0, name.find(' '))];
        sum.instances += tally.instances;
        sum.found += tally.found;
    }
    std::printf(
        "%d utterances, precision of spans %d / %d\n", utterances, spans_right, spans_found);
    EXPECT_GE(utterances, 500);
    for (const char* type : {"PHONE", "CARD", "AADHAAR", "OTP"})
        EXPECT_GE(by_type[type].found, by_type[type].instances * 0.99) << type;
    EXPECT_GE(by_type["none"].found, by_type["none"].instances * 0.95);
    EXPECT_GE(spans_right, spans_found * 0.95);
}

TEST(Redaction, NoLongDigitRunOfTheCorpusSurvives) {
    for (const char* file : {"manifest.json", "transcripts.json"}) {
        for (const auto& labelled : testing::corpus(file)) {
            const auto masked =
                redacted(labelled.transcript, find_personal_data(labelled.transcript, {}));
            for (std::size_t t = 0; t < masked.turns.size(); ++t) {
                EXPECT_EQ(masked.turns[t].words.size(), labelled.transcript.turns[t].words.size());
                int digits = 0;
                for (const Word& word : masked.turns[t].words) {
                    int own = 0;
                    for (const char c : word.text)
                        own += c >= '0' && c <= '9' ? 1 : 0;
                    digits = own > 0 ? digits + own : 0;
                    EXPECT_LT(digits, 10) << labelled.id << " turn " << t + 1;
                }
            }
        }
    }
}

} // namespace
} // namespace hs::analysis
